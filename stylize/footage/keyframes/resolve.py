"""The keys of some shots, checked against the clip: what a run, and every machine that helps it, needs to know."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from deflicker.keyframes import Match, match
from stylize import footage
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.footage.keyframes.files import check_shape, find_keys
from stylize.footage.keyframes.misnamed import frames_to_compare, misnamed, reduced
from stylize.footage.keyframes.painting import read_painting

_log = logging.getLogger(__name__)

CLEAR = 1.15
"""How far a key's likeness to its plate must stand out from chance."""
LEAST = 0.16
"""A likeness below this is none, however it stands out."""
BETTER = 1.3
"""How much likelier a mirrored key, or another frame, must be to be meant."""
MENDED_PX = 1.5
"""Shifts below this, in px of the clip, are left: paint is no closer to its photograph."""


@dataclass(frozen=True)
class KeyFile:
    """A painted file: the frame it is of, and the shift, in parts of width and height, that lays it over it."""

    at: int
    path: Path
    shift: tuple[float, float] = (0.0, 0.0)
    covers: bool = True
    """Whether all of its frame is painted: it has no alpha."""


@dataclass(frozen=True)
class KeySet:
    """The keys of some shots, ascending."""

    files: tuple[KeyFile, ...]

    @property
    def cover_their_frames(self) -> bool:
        """Whether all of them are painted all over."""
        return all(key.covers for key in self.files)

    def of(self, shot: Sequence[int]) -> list[KeyFile]:
        """Those of one shot, given by any of its frames in order."""
        return [key for key in self.files if shot[0] <= key.at <= shot[-1]]


def resolve_keys(folder: Path, clip: Clip, shots: Sequence[Shot]) -> KeySet:
    """Reads a folder of keys, and sees that each lies over the plate of its frame.

    A key that lies beside it is moved there. Keys of frames outside the shots are left out.

    Raises:
        UsageError: no key lies in the shots, or one of them is no painting of its frame.
        FootageError: a file cannot be read.
    """
    found = find_keys(folder.absolute(), clip)
    wanted = {at: path for at, path in found.items() if any(at in shot for shot in shots)}
    span = range(shots[0].start, shots[-1].end)
    if not wanted:
        raise UsageError(
            f"None of the keys is of a frame that is drawn, {span.start} to {span.stop - 1}: "
            f"{', '.join(str(at) for at in list(found)[:8])}.",
            where=folder,
            hint="frames count from 0, from the clip's beginning",
        )
    if len(wanted) < len(found):
        _log.warning("%d keys are of frames that are not drawn, and are left out.", len(found) - len(wanted))
    without = sum(not any(at in shot for at in wanted) for shot in shots)
    if without:
        _log.warning("%d of %d shots have no key: the model draws them.", without, len(shots))
    return KeySet(tuple(_checked_keys(wanted, clip, shots)))


def _checked_keys(wanted: Mapping[int, Path], clip: Clip, shots: Sequence[Shot]) -> Iterator[KeyFile]:
    """Every key, checked against the plates of its shot; those of one shot are held at a time, reduced."""
    numbers = frames_to_compare(shots, list(wanted))
    picked = footage.pick_frames(clip, numbers)
    for _, frames in groupby(picked, lambda frame: next(shot for shot in shots if frame.index in shot)):
        plates: dict[int, Pixels] = {}
        keys: list[KeyFile] = []
        for frame in frames:
            plates[frame.index] = reduced(frame.pixels)
            if frame.index in wanted:
                keys.append(_checked(frame.index, wanted[frame.index], frame.pixels, clip))
        for key in keys:
            _check_number(key, plates)
        yield from keys


def _check_number(key: KeyFile, plates: Mapping[int, Pixels]) -> None:
    """Refuses a painting of another frame of its shot.

    Args:
        plates: frames of the shot, reduced.
    """
    found = misnamed(*read_painting(key.path), key.shift, key.at, plates)
    if found is not None:
        raise UsageError(
            f"This key looks more like frame {found.frame} than {key.at}: where the two differ, its likeness "
            f"to them is {found.likeness:.2f} and {found.own:.2f}.",
            where=key.path,
            hint="name it by the frame that it was painted over, counted from 0",
        )


def _checked(at: int, path: Path, plate: Pixels, clip: Clip) -> KeyFile:
    painted, alpha = read_painting(path)
    check_shape(painted, clip, path)
    found = match(painted, plate, alpha)
    mirrored = match(painted[:, ::-1], plate, None if alpha is None else alpha[:, ::-1])
    if _is_clear(mirrored) and mirrored.likeness > BETTER * found.likeness:
        raise UsageError(
            f"This key is mirrored: its likeness to frame {at} is {found.likeness:.2f}, "
            f"and {mirrored.likeness:.2f} when it is mirrored back.",
            where=path,
            hint="mirror it, or export it again as it was painted",
        )
    if not _is_clear(found):
        raise UsageError(
            f"This key is no painting of frame {at}: its likeness is {found.likeness:.2f}, "
            f"and by chance {found.chance:.2f}.",
            where=path,
            hint="is it of another frame or shot? stylize keyframes suggest exports the plates to paint over",
        )
    across, down = found.shift[0] * clip.width, found.shift[1] * clip.height
    if float(np.hypot(across, down)) < MENDED_PX:
        return KeyFile(at, path, covers=alpha is None)
    told = "The key of frame %d lies beside its plate, and is moved by %+.1f, %+.1f px: %s"
    _log.warning(told, at, across, down, path.name)
    return KeyFile(at, path, (round(found.shift[0], 5), round(found.shift[1], 5)), alpha is None)


def _is_clear(found: Match) -> bool:
    return found.likeness >= LEAST and found.clearness >= CLEAR
