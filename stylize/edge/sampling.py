"""The way from a plate's latents to a drawing's, in numpy: `stylize.diffusion.sampling` without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylize.diffusion.noise import Normal
from stylize.edge.networks import ControlNetInput, Networks
from stylize.edge.samplers import Levels, make_sampler
from stylize.edge.samplers.choose import INVERSE
from stylize.edge.samplers.solvers import invert_step, invert_timesteps

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Prompt:
    """The prompt's embedding (1, L, D), and that of the negative prompt where guidance needs it."""

    wanted: Array
    unwanted: Array | None
    guidance: float


def draw(
    networks: Networks,
    scheduler: str | None,
    latents: Array,
    noise: Array | None,
    prompt: Prompt,
    holdings: Sequence[ControlNetInput],
    steps: int,
    strength: float,
    seed: int,
) -> Array:
    """Draws over the latents (1, C, h, w) of a plate; see `stylize.diffusion.sampling.draw`.

    Args:
        noise: of the latents' shape, or None to invert the plate.
        seed: of the noise that some samplers add on the way.
    """
    sampler = make_sampler(networks.manifest.samplers, scheduler, steps, strength)
    more = Normal(seed)
    if noise is None:
        found = invert(networks, latents, prompt, holdings, steps, sampler.timesteps[0])
        noisy = sampler.from_inverted(found)
    else:
        noisy = sampler.add_noise(latents, noise)
    count = len(sampler.timesteps)
    for number, timestep in enumerate(sampler.timesteps):
        answer = guess(networks, sampler.seen(number, noisy), timestep, prompt, holdings, number / count)
        noisy = sampler.step(number, answer, noisy, lambda: more.draw(latents.shape))
    return noisy


def guess(
    networks: Networks,
    noisy: Array,
    timestep: float,
    prompt: Prompt,
    holdings: Sequence[ControlNetInput],
    along: float,
) -> Array:
    """One guess of the network with guidance. Source: Ho and Salimans, 2022."""
    wanted = networks.guess(noisy, timestep, prompt.wanted, holdings, along)
    if prompt.unwanted is None:
        return wanted
    unwanted = networks.guess(noisy, timestep, prompt.unwanted, holdings, along)
    return np.asarray(unwanted + prompt.guidance * (wanted - unwanted), np.float32)


def invert(
    networks: Networks,
    latents: Array,
    prompt: Prompt,
    holdings: Sequence[ControlNetInput],
    steps: int,
    until: float,
) -> Array:
    """The noise from which the network would draw this very plate; see `stylize.diffusion.sampling.invert`."""
    levels = Levels.read(networks.manifest.samplers[INVERSE].config)
    timesteps = invert_timesteps(levels, steps, until)
    for number, timestep in enumerate(timesteps):
        along = 1 - number / len(timesteps)
        answer = networks.guess(latents, timestep, prompt.wanted, holdings, along)
        latents = invert_step(levels, steps, timestep, answer, latents)
    return latents
