"""The state of the base training: what is saved, and how a training resumes from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from stylize.errors import UsageError
from training.base.critic import Critic
from training.base.drawing_model import DrawingModel
from training.base.optimisers import Optimisers
from training.state_file import read_state, refuse_other_recipe, resumed_state, write_state

STATE_FILE = "state.pt"


def save_state(
    path: Path,
    recipe: str,
    model: DrawingModel,
    average: nn.Module,
    optimisers: Optimisers,
    step: int,
    critic: Critic | None = None,
) -> None:
    """Saves weights, their average, the optimisers and the critic after `step` steps; `recipe` is the recipe as
    JSON."""
    state = {
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        "step": step,
        "recipe": recipe,
        "critic": critic.state_dict() if critic else None,
    }
    write_state(path, state)


def load_state(
    path: Path,
    recipe: str,
    model: DrawingModel,
    average: nn.Module,
    optimisers: Optimisers,
    critic: Critic | None = None,
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
    if critic is not None:
        critic.load_state_dict(state["critic"])
    return int(state["step"])


@dataclass(frozen=True)
class Averages:
    """The averaged weights of a training, by the model's names.

    Attributes:
        step: after how many steps.
        condition: what its ControlNet was given.
    """

    weights: dict[str, torch.Tensor]
    step: int
    condition: str


def read_averages(path: Path) -> Averages:
    """The averaged weights of a state.

    Raises:
        UsageError: there is no state there.
    """
    if not path.exists():
        raise UsageError("There is no training here.", where=path, hint="finish `stylize train base` first")
    state = read_state(path)
    weights = {
        name.removeprefix("module."): value
        for name, value in state["average"].items()
        if name.startswith("module.")
    }
    return Averages(weights, int(state["step"]), json.loads(state["recipe"])["condition"])
