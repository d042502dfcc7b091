"""The state of a training on disk: written whole or not at all, and taken up where it was left."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from stylize.errors import UsageError
from training.base.artist import Artist
from training.base.optimise import Optimisers


def keep(
    path: Path, recipe: str, artist: Artist, average: nn.Module, optimisers: Optimisers, step: int
) -> None:
    """Writes the state beside its place, then puts it there in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tmp = path.with_suffix(".tmp")
    parts = {
        "artist": artist.state_dict(),
        "average": average.state_dict(),
        "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        "step": step,
        "recipe": recipe,
    }
    torch.save(parts, tmp)
    tmp.replace(path)


def take_up(path: Path, recipe: str, artist: Artist, average: nn.Module, optimisers: Optimisers) -> int:
    """Loads the state if there is one.

    Returns:
        The number of steps that it has behind it, 0 without a state.

    Raises:
        UsageError: the state belongs to another recipe: going on would give neither.
    """
    if not path.exists():
        return 0
    parts = torch.load(path, map_location="cpu", weights_only=True)
    if parts["recipe"] != recipe:
        raise UsageError(
            "The training in this folder followed another recipe.",
            where=path,
            hint="choose another folder with --out, or give the recipe that it began with",
        )
    artist.load_state_dict(parts["artist"])
    average.load_state_dict(parts["average"])
    for optimiser, kept in zip(optimisers, parts["optimisers"], strict=True):
        optimiser.load_state_dict(kept)
    return int(parts["step"])


def averaged_weights(path: Path) -> dict[str, torch.Tensor]:
    """The averaged weights of a state, by the artist's names.

    Raises:
        UsageError: there is no state there.
    """
    if not path.exists():
        raise UsageError("There is no training here.", where=path, hint="finish `stylize train base` first")
    average = torch.load(path, map_location="cpu", weights_only=True)["average"]
    return {
        name.removeprefix("module."): value for name, value in average.items() if name.startswith("module.")
    }
