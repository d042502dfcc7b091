"""Image to image with a diffusion model: pixels to latents, noise, denoising steps, latents to pixels."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import torch
from diffusers import DDIMInverseScheduler
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.guidance import TorchConditioning, predict
from stylize.diffusion.schedulers import make_scheduler, timesteps_for
from stylize.diffusion.strength import noise_strength


def encode(vae: Any, pixels: Tensor) -> Tensor:
    """Pixels (N, 3, H, W) in [0, 1] to latents (N, C, h, w) float32, the mode of their distribution."""
    coded = vae.encode((pixels * 2 - 1).to(vae.dtype))
    latents = coded.latent_dist.mode() if hasattr(coded, "latent_dist") else coded.latents
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    return (latents.float() - shift) * vae.config.scaling_factor


def decode(vae: Any, latents: Tensor) -> Tensor:
    """Latents (N, C, h, w) to pixels (N, 3, H, W) float32, clamped to [0, 1]."""
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    pixels = vae.decode((latents / vae.config.scaling_factor + shift).to(vae.dtype), return_dict=False)[0]
    return (pixels.float() / 2 + 0.5).clamp(0, 1)


def draw(
    checkpoint: Checkpoint,
    config: ResolvedConfig,
    latents: Tensor,
    noise: Tensor | None,
    conditioning: TorchConditioning,
    generators: list[torch.Generator],
) -> Tensor:
    """Draws over the latents of plates.

    Args:
        config: its scheduler, steps and strength are read. A strength of 1 leaves little of the plate but what the
            ControlNets keep; near 0 the plate stays as it is, and fewer steps are taken.
        latents: (N, C, h, w) of the plates, as `encode` gives them.
        noise: (N, C, h, w) to start from, or None to invert the plates and start from the noise that this finds.
        generators: one for each frame, for schedulers that add noise at each step.

    Returns:
        (N, C, h, w) float32, clean latents.
    """
    scheduler = make_scheduler(checkpoint.scheduler, config.scheduler, config.spacing, config.sigmas)
    timesteps = timesteps_for(scheduler, config.steps, noise_strength(config), latents.device)
    if noise is None:
        noisy = invert(checkpoint, config.steps, latents, conditioning, int(timesteps[0]))
        noisy = noisy * _scale_of(scheduler, timesteps[:1])
    else:
        noisy = scheduler.add_noise(latents, noise, timesteps[:1].expand(len(latents)))
    takes_generator = "generator" in inspect.signature(scheduler.step).parameters
    options = {"generator": generators} if takes_generator else {}
    share = 1 / len(timesteps)
    for number, timestep in enumerate(timesteps):
        scaled = scheduler.scale_model_input(noisy, timestep)
        prediction = predict(checkpoint.unet, scaled, timestep, conditioning, number * share, share)
        noisy = scheduler.step(prediction, timestep, noisy, return_dict=False, **options)[0]
    return noisy


def invert(
    checkpoint: Checkpoint, steps: int, latents: Tensor, conditioning: TorchConditioning, until: int
) -> Tensor:
    """Runs the steps backwards, without guidance: finds the noise from which the model would draw this very plate.

    Args:
        until: the timestep to reach.

    Returns:
        (N, C, h, w) latents at `until`, in the variance-preserving scale.

    Source: Dhariwal and Nichol, "Diffusion Models Beat GANs", 2021, appendix F (DDIM inversion).
    """
    scheduler = DDIMInverseScheduler.from_config(checkpoint.scheduler.config)
    scheduler.set_timesteps(steps, device=latents.device)
    unguided = replace(conditioning.prompt, uncond=None, pooled_uncond=None, images_uncond=None, guidance=1.0)
    conditioning = replace(conditioning, prompt=unguided)
    timesteps = [timestep for timestep in scheduler.timesteps if int(timestep) <= until]
    for number, timestep in enumerate(timesteps):
        progress = 1 - number / len(timesteps)
        prediction = predict(checkpoint.unet, latents, timestep, conditioning, progress, 1 / len(timesteps))
        latents = scheduler.step(prediction, int(timestep), latents, return_dict=False)[0]
    return latents


def _scale_of(scheduler: Any, first: Tensor) -> float:
    """The factor between both scales: in the variance-exploding one (Euler) it is sqrt(1 + sigma²), else 1."""
    if not hasattr(scheduler, "sigmas") or "Euler" not in type(scheduler).__name__:
        return 1.0
    sigma = float(scheduler.sigmas[scheduler.index_for_timestep(first[0])])
    return (1 + sigma**2) ** 0.5
