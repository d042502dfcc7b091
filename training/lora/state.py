"""The state of a style's training: what is saved, and how a training resumes from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from stylize.errors import UsageError
from training.state_file import refuse_other_recipe, resumed_state, write_state

FREE_SETTINGS = ("device", "threads", "keep_every", "sheet_every", "validation", "pack", "drawings")
"""Settings that may change between a stop and resuming; all others decide the weights. Of the drawings it is the
contents that count, wherever they lie."""


def save_state(
    path: Path,
    recipe: dict[str, Any],
    learns_from: str,
    step: int,
    weights: list[nn.Parameter],
    parts: dict[str, Any],
) -> None:
    """Saves the trained weights and the states of `parts` (optimiser, scheduler, average), whole or not at all.

    Args:
        learns_from: stands for the drawings.
    """
    state = {
        "recipe": _deciding(recipe),
        "learns_from": learns_from,
        "step": step,
        "weights": [weight.detach().cpu() for weight in weights],
        "parts": {name: part.state_dict() for name, part in parts.items()},
    }
    write_state(path, state)


def load_state(
    path: Path,
    recipe: dict[str, Any],
    learns_from: str,
    weights: list[nn.Parameter],
    parts: dict[str, Any],
) -> int:
    """Loads the state into `weights` and `parts`, if there is one.

    Returns:
        How many steps have been taken, 0 without a state.

    Raises:
        UsageError: the state belongs to another recipe, or to other drawings.
    """
    state = resumed_state(path)
    if state is None:
        return 0
    decisive = _deciding(recipe)
    refuse_other_recipe(
        path.parent, sorted(key for key, value in decisive.items() if state["recipe"].get(key) != value)
    )
    if state.get("learns_from", learns_from) != learns_from:  # earlier versions did not write it down
        raise UsageError(
            "The training in this folder learns from other drawings, or from drawings that have changed since.",
            where=path.parent,
            hint="choose another folder with -o, or remove this one to begin anew",
        )
    with torch.no_grad():
        for weight, value in zip(weights, state["weights"], strict=True):
            weight.copy_(value)
    for name, part in parts.items():
        part.load_state_dict(state["parts"][name])
    return int(state["step"])


def _deciding(recipe: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in recipe.items() if key not in FREE_SETTINGS}
