"""The state of the base training: what is saved, and how a training resumes from it."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn

from stylize.errors import UsageError
from training.base.drawing_model import DrawingModel
from training.base.optimisers import Optimisers
from training.state_file import read_state, refuse_other_recipe, resumed_state, write_state


def save_state(
    path: Path, recipe: str, model: DrawingModel, average: nn.Module, optimisers: Optimisers, step: int
) -> None:
    """Saves weights, their average and the optimisers after `step` steps; `recipe` is the recipe as JSON."""
    state = {
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        "step": step,
        "recipe": recipe,
    }
    write_state(path, state)


def load_state(
    path: Path, recipe: str, model: DrawingModel, average: nn.Module, optimisers: Optimisers
) -> int:
    """Loads the state, if there is one.

    Returns:
        How many steps have been taken, 0 without a state.

    Raises:
        UsageError: the state belongs to another recipe.
    """
    state = resumed_state(path)
    if state is None:
        return 0
    now, then = json.loads(recipe), json.loads(state["recipe"])
    refuse_other_recipe(
        path.parent, sorted(key for key in now | then if key not in now or now[key] != then.get(key))
    )
    model.load_state_dict(state["model"])
    average.load_state_dict(state["average"])
    for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
        optimiser.load_state_dict(saved)
    return int(state["step"])


def averaged_weights(path: Path) -> dict[str, torch.Tensor]:
    """The averaged weights of a state, by the model's names.

    Raises:
        UsageError: there is no state there.
    """
    if not path.exists():
        raise UsageError("There is no training here.", where=path, hint="finish `stylize train base` first")
    average = read_state(path)["average"]
    return {
        name.removeprefix("module."): value for name, value in average.items() if name.startswith("module.")
    }
