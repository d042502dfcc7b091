"""The file that a training is resumed from: written whole or not at all, and read without running any code in
it."""

from __future__ import annotations

import logging
import pickle
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from stylize.errors import ModelError, UsageError
from stylize.storage.atomic import atomic_path, sweep_unfinished

_log = logging.getLogger(__name__)


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Saves with torch, first under another name in the same folder, so that a stop leaves the last state whole.

    The name is of this process alone: two trainings in one folder do not take each other's file away. What one that
    was killed has left is removed.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    sweep_unfinished(path.parent)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        torch.save(state, file)


def read_state(path: Path) -> dict[str, Any]:
    """What `write_state` saved, on the CPU.

    Raises:
        ModelError: the file is damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            if file.testzip() is not None:  # torch itself does not look at the sums that it writes
                raise zipfile.BadZipFile
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    except (
        zipfile.BadZipFile,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        pickle.UnpicklingError,
    ) as error:
        raise ModelError(
            "The training's saved state is damaged.", where=path, hint="train again: it begins anew"
        ) from error
    return state


def resumed_state(path: Path) -> dict[str, Any] | None:
    """The state that a training goes on from; None where there is none, or where it is damaged, which is said."""
    if not path.exists():
        return None
    try:
        return read_state(path)
    except ModelError as error:
        _log.warning("%s: %s It begins anew.", error.where, error.what)
        return None


def refuse_other_recipe(folder: Path, changed: Iterable[str]) -> None:
    """Resuming with another recipe would end in the weights of neither.

    Args:
        folder: where the training lies.
        changed: the settings that differ from those that the training began with.

    Raises:
        UsageError: at least one differs.
    """
    names = ", ".join(changed)
    if names:
        raise UsageError(
            f"The training in this folder followed another recipe: {names} was different.",
            where=folder,
            hint="choose another folder with -o, or give the recipe that it began with",
        )
