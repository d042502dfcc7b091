"""The state of a training on disk: written whole or not at all, and taken up where it was left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import nn

from stylize.errors import UsageError

IDLE = ("device", "threads", "keep_every", "sheet_every", "validation", "pack", "drawings")
"""Settings that may change between a stop and going on; all others decide the weights."""


def keep(
    path: Path, recipe: dict[str, Any], step: int, weights: list[nn.Parameter], parts: dict[str, Any]
) -> None:
    """Writes the trained weights and the states of `parts`, beside their place and then there in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tmp = path.with_suffix(".tmp")
    kept = {
        "recipe": _deciding(recipe),
        "step": step,
        "weights": [weight.detach().cpu() for weight in weights],
        "parts": {name: part.state_dict() for name, part in parts.items()},
    }
    with tmp.open("wb") as file:
        torch.save(kept, file)
        file.flush()
        os.fsync(file.fileno())
    tmp.replace(path)


def take_up(path: Path, recipe: dict[str, Any], weights: list[nn.Parameter], parts: dict[str, Any]) -> int:
    """Loads the state if there is one.

    Returns:
        The number of steps that it has behind it, 0 without a state.

    Raises:
        UsageError: the state belongs to another recipe: going on would give neither.
    """
    if not path.exists():
        return 0
    kept = torch.load(path, weights_only=True, map_location="cpu")
    changed = sorted(key for key, value in _deciding(recipe).items() if kept["recipe"].get(key) != value)
    if changed:
        raise UsageError(
            f"The training in this folder followed another recipe: {', '.join(changed)} was different.",
            where=path.parent,
            hint="choose another folder with -o, or give the recipe that it began with",
        )
    with torch.no_grad():
        for weight, value in zip(weights, kept["weights"], strict=True):
            weight.copy_(value)
    for name, part in parts.items():
        part.load_state_dict(kept["parts"][name])
    return int(kept["step"])


def _deciding(recipe: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in recipe.items() if key not in IDLE}
