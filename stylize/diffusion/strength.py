"""What a strength means, in torch, in the edge runtime and in live models alike.

With most models it says how much noise is laid over the plate, and so how many steps are taken. A model of few
steps that predicts the clean picture draws all of it from any noise, so that a strength would change next to
nothing; there it says how far along the way from the plate to the drawing the result lies.
"""

from __future__ import annotations

import numpy as np

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels


def steps_at(steps: int, strength: float) -> int:
    """How many of `steps` img2img takes at this strength, at least one: as many as diffusers' pipelines.

    Source: Meng et al., "SDEdit", ICLR 2022.
    """
    return max(1, min(int(steps * strength), steps))


def noise_strength(config: ResolvedConfig) -> float:
    """The strength that says how much noise there is to begin with, above 0 and up to 1."""
    return 1.0 if config.blends else config.strength


def steps_of(config: ResolvedConfig) -> int:
    """How many steps a drawing takes."""
    return steps_at(config.steps, noise_strength(config))


def depart(plate: Pixels, drawn: Pixels, config: ResolvedConfig) -> Pixels:
    """The drawing as far from the plate as the config says; all (H, W, 3) float32 RGB in [0, 1]."""
    if not config.blends or config.strength == 1:
        return drawn
    return np.asarray(plate + config.strength * (drawn - plate), np.float32)
