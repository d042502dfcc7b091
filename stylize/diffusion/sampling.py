"""The way from a plate to a drawing: latents, noise, timesteps, latents, pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from diffusers import DDIMInverseScheduler
from torch import Tensor

from stylize.diffusion.guide import ControlNetInput, Prompt, guess
from stylize.diffusion.schedulers import make_scheduler, timesteps_for

Start = Callable[[Tensor], Tensor]


def encode(vae: Any, pixels: Tensor) -> Tensor:
    """Pixels (N, 3, H, W) in [0, 1] to latents (N, C, h, w) float32, the likeliest ones, never a sample."""
    coded = vae.encode((pixels * 2 - 1).to(vae.dtype))
    latents = coded.latent_dist.mode() if hasattr(coded, "latent_dist") else coded.latents
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    return (latents.float() - shift) * vae.config.scaling_factor


def decode(vae: Any, latents: Tensor) -> Tensor:
    """The inverse of `encode`, clamped to [0, 1]."""
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    pixels = vae.decode((latents / vae.config.scaling_factor + shift).to(vae.dtype), return_dict=False)[0]
    return (pixels.float() / 2 + 0.5).clamp(0, 1)


def draw(
    unet: Any,
    own_scheduler: Any,
    scheduler_name: str | None,
    latents: Tensor,
    noise: Tensor | None,
    prompt: Prompt,
    inputs_of_controlnets: list[ControlNetInput],
    steps: int,
    strength: float,
    generators: list[torch.Generator],
) -> Tensor:
    """Draws over the latents of a plate.

    Args:
        latents: (N, C, h, w) of the plates, as `encode` gives them.
        noise: (N, C, h, w) to start from, or None to invert the plates and start from what is found.
        steps: denoising steps at strength 1; a weaker run takes fewer.
        strength: 1 leaves little of the plate but what the ControlNets hold; near 0 leaves it as it is.
        generators: one for each frame, for schedulers that add noise as they go.

    Returns:
        (N, C, h, w) float32, clean latents.
    """
    scheduler = make_scheduler(own_scheduler, scheduler_name)
    timesteps = timesteps_for(scheduler, steps, strength, latents.device)
    if noise is None:
        noisy = invert(unet, own_scheduler, latents, prompt, inputs_of_controlnets, steps, int(timesteps[0]))
        noisy = noisy * _scale_of(scheduler, timesteps[:1])
    else:
        noisy = scheduler.add_noise(latents, noise, timesteps[:1].expand(len(latents)))
    takes_generator = "generator" in scheduler.step.__code__.co_varnames
    for number, timestep in enumerate(timesteps):
        seen = scheduler.scale_model_input(noisy, timestep)
        answer = guess(unet, seen, timestep, prompt, inputs_of_controlnets, number / len(timesteps))
        extra = {"generator": generators} if takes_generator else {}
        noisy = scheduler.step(answer, timestep, noisy, return_dict=False, **extra)[0]
    return noisy


def invert(
    unet: Any,
    own_scheduler: Any,
    latents: Tensor,
    prompt: Prompt,
    inputs_of_controlnets: list[ControlNetInput],
    steps: int,
    until: int,
) -> Tensor:
    """Runs the drawing backwards: the noise from which the network would draw this very plate.

    Args:
        until: the timestep to reach.

    Returns:
        (N, C, h, w) latents at `until`, in the variance-preserving scale.

    Source: Dhariwal and Nichol, "Diffusion Models Beat GANs", 2021, appendix F (DDIM inversion).
    """
    scheduler = DDIMInverseScheduler.from_config(own_scheduler.config)
    scheduler.set_timesteps(steps, device=latents.device)
    unguided = Prompt(prompt.wanted, None, 1.0)
    wanted = [timestep for timestep in scheduler.timesteps if int(timestep) <= until]
    for number, timestep in enumerate(wanted):
        answer = guess(unet, latents, timestep, unguided, inputs_of_controlnets, 1 - number / len(wanted))
        latents = scheduler.step(answer, int(timestep), latents, return_dict=False)[0]
    return latents


def _scale_of(scheduler: Any, first: Tensor) -> float:
    """Schedulers in the variance-exploding scale (Euler) hold latents sqrt(1 + sigma²) times larger."""
    if not hasattr(scheduler, "sigmas") or "Euler" not in type(scheduler).__name__:
        return 1.0
    sigma = float(scheduler.sigmas[scheduler.index_for_timestep(first[0])])
    return (1 + sigma**2) ** 0.5
