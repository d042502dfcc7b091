"""Image to image from an export, in numpy: `stylize.diffusion.sampling` without torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.noise import Normal
from stylize.diffusion.strength import noise_strength
from stylize.edge.networks import EdgeConditioning, Networks
from stylize.edge.samplers import NoiseSchedule, make_sampler
from stylize.edge.samplers.choose import INVERSE
from stylize.edge.samplers.solvers import invert_step, invert_timesteps

Array = NDArray[np.float32]


def draw(
    networks: Networks,
    config: ResolvedConfig,
    latents: Array,
    noise: Array | None,
    conditioning: EdgeConditioning,
    seed: int,
) -> Array:
    """Draws over the latents (1, C, h, w) of a plate; see `stylize.diffusion.sampling.draw`.

    Args:
        config: its scheduler, steps and strength are read.
        noise: of the latents' shape, or None to invert the plate.
        seed: of the noise that some samplers add at each step.
    """
    sampler = make_sampler(networks.manifest.samplers, config.scheduler, config.steps, noise_strength(config))
    step_noise = Normal(seed)
    if noise is None:
        found = invert(networks, config.steps, latents, conditioning, sampler.timesteps[0])
        noisy = sampler.from_inverted(found)
    else:
        noisy = sampler.add_noise(latents, noise)
    count = len(sampler.timesteps)
    for number, timestep in enumerate(sampler.timesteps):
        scaled = sampler.scale_model_input(number, noisy)
        prediction = predict(networks, scaled, timestep, conditioning, number / count, 1 / count)
        noisy = sampler.step(number, prediction, noisy, lambda: step_noise.draw(latents.shape))
    return noisy


def predict(
    networks: Networks,
    noisy: Array,
    timestep: float,
    conditioning: EdgeConditioning,
    progress: float,
    share: float,
) -> Array:
    """One prediction with classifier-free guidance; see `stylize.diffusion.guidance.predict`."""
    prompt, controlnets = conditioning.prompt, conditioning.controlnets
    cond = networks.predict(noisy, timestep, prompt.cond, controlnets, progress, share)
    if prompt.uncond is None:
        return cond
    uncond = networks.predict(noisy, timestep, prompt.uncond, controlnets, progress, share)
    return np.asarray(uncond + prompt.guidance * (cond - uncond), np.float32)


def invert(
    networks: Networks, steps: int, latents: Array, conditioning: EdgeConditioning, until: float
) -> Array:
    """The noise from which the model would draw this very plate; see `stylize.diffusion.sampling.invert`."""
    prompt, controlnets = conditioning.prompt, conditioning.controlnets
    schedule = NoiseSchedule.read(networks.manifest.samplers[INVERSE].config)
    timesteps = invert_timesteps(schedule, steps, until)
    for number, timestep in enumerate(timesteps):
        progress = 1 - number / len(timesteps)
        prediction = networks.predict(
            latents, timestep, prompt.cond, controlnets, progress, 1 / len(timesteps)
        )
        latents = invert_step(schedule, steps, timestep, prediction, latents)
    return latents
