"""Footage that is hard to draw: taken in the dark, or blurred by movement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

DARKEST, LEAST_DARK = 0.4, 0.85
"""Range of the gain of a scene in the dark; its gamma rises by up to `DARK_GAMMA`."""
DARK_GAMMA = 0.6
LONGEST_STREAK_PX = 5
"""How far a movement blurs to both sides at most."""


@dataclass(frozen=True)
class HardShots:
    """Shares of the crops, 0 to 1, that are shown as if taken in the dark, and blurred by movement."""

    dark: float = 0.0
    moved: float = 0.0


def darken(planes: Tensor, rng: np.random.Generator, share: float) -> Tensor:
    """Some pairs in little light, photograph and paint alike.

    Args:
        planes: (N, P, 3, H, W) in [0, 1], without the ink.
        share: of the pairs, 0 to 1.
    """
    if not share:
        return planes
    count = len(planes)
    chosen = rng.random(count) < share
    gain = np.where(chosen, rng.uniform(DARKEST, LEAST_DARK, count), 1.0)
    gamma = np.where(chosen, 1 + rng.uniform(0, DARK_GAMMA, count), 1.0)
    shape = (count, 1, 1, 1, 1)
    return planes.new_tensor(gain).view(shape) * planes ** planes.new_tensor(gamma).view(shape)


def move(photo: Tensor, rng: np.random.Generator, share: float) -> Tensor:
    """Some photographs (N, 3, H, W) blurred along a line, as by a movement during the exposure."""
    if not share:
        return photo
    moved = photo.clone()
    for number in np.flatnonzero(rng.random(len(photo)) < share).tolist():
        angle, reach = rng.uniform(0, np.pi), int(rng.integers(1, LONGEST_STREAK_PX + 1))
        moved[number] = _streak(photo[number : number + 1], angle, reach)[0]
    return moved


def _streak(photo: Tensor, angle: float, reach: int) -> Tensor:
    """The mean of a picture moved by -`reach` to `reach` px along `angle` (rad)."""
    height, width = photo.shape[2:]
    wide = functional.pad(photo, (reach,) * 4, mode="replicate")
    places = [(round(n * np.sin(angle)), round(n * np.cos(angle))) for n in range(-reach, reach + 1)]
    shown = [wide[..., reach + y : reach + y + height, reach + x : reach + x + width] for y, x in places]
    return torch.stack(shown).mean(dim=0)
