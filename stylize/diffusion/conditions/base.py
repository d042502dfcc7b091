"""The conditions by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stylize.diffusion.conditions import annotators, simple
from stylize.diffusion.conditions.names import ANNOTATORS
from stylize.errors import UsageError
from stylize.footage.clip import Pixels

Condition = Callable[[Pixels], Pixels]
"""From a plate (H, W, 3) float32 RGB in [0, 1] to the ControlNet's picture, of the same shape and range."""

CONDITIONS: dict[str, str] = {
    "tile": "the plate itself: colours and coarse shapes",
    "canny": "hard edges (no weights needed)",
    "lineart_standard": "thick and thin lines by difference of Gaussians (no weights needed)",
    "lineart": "lines, as a draughtsman would trace them",
    "lineart_anime": "lines, as an anime artist would",
    "softedge": "soft edges (HED)",
    "depth": "distance (MiDaS)",
    "pose": "joints of bodies, hands and faces (OpenPose)",
}

SAME_NET = {"lineart_standard": "lineart"}
"""Conditions that use another one's ControlNet, because their pictures are alike: white lines on black."""


def make_condition(name: str, device: Any, offline: bool = False, weights: Path | None = None) -> Condition:
    """The condition of that name, its weights loaded.

    Args:
        device: torch device for the annotators that have weights.
        offline: take their weights from the local cache only.
        weights: a folder that holds them, in place of the hub's.

    Raises:
        UsageError: an unknown condition. MissingPart: its weights are not on this machine.
    """
    if name in simple.WEIGHTLESS:
        return simple.WEIGHTLESS[name]
    if name in ANNOTATORS:
        return annotators.load(name, device, offline, weights)
    raise UsageError(f"There is no condition called {name!r}.", hint=f"known: {', '.join(CONDITIONS)}")
