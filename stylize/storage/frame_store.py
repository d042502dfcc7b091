"""Where finished frames lie: committed whole or not at all, and found again by what made them."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.errors import BrokenFrame
from stylize.footage.clip import Pixels
from stylize.storage.atomic import atomic_write
from stylize.storage.frame_file import (
    BitDepth,
    Levels,
    decode_frame,
    encode_levels,
    ends_whole,
    levels_of,
    sealed,
    suffix_of,
    unsealed,
)
from stylize.storage.place import Place, is_local, listed
from stylize.system.documents import DocumentError, read_json

STALE_S = 3600.0
"""Temporary files older than this belong to a run that died."""


@dataclass(frozen=True)
class FrameStore:
    """The pictures of one name under one fingerprint: `<run>/<name>/<fingerprint>/<frame %06d>.png` or `.exr`.

    Done means that a frame's file exists and bears its seal: see `stylize.storage.frame_file`. Every write goes to
    a temporary file of its own in the same folder, is flushed to the disk and then moved into place, so a killed
    run leaves whole frames only, and two workers that draw the same frame cannot mix.
    """

    folder: Place
    depth: BitDepth = "8"

    def path(self, index: int) -> Place:
        return self.folder / self._name(index)

    def has(self, index: int) -> bool:
        """Whether the frame is done. A torn file (a dying disk, a careless copy) counts as missing."""
        path = self.path(index)
        return path.is_file() and (not isinstance(path, Path) or ends_whole(path))

    def missing(self, indices: Iterable[int]) -> list[int]:
        """Those of the frames that are not done."""
        if is_local(self.folder):
            return [index for index in indices if not self.has(index)]
        there = listed(self.folder)  # in one request, not one a frame
        return [index for index in indices if self._name(index) not in there]

    def read(self, index: int) -> Pixels:
        """The frame as (H, W, 3 or 4) float32 RGB in [0, 1], with alpha where it was written with it.

        Raises:
            BrokenFrame: the frame is missing, or is not what was written. Its file is taken out of the store then,
                so that the frame is made again.
        """
        try:
            coded = unsealed(self.path(index).read_bytes(), self._place(index))
        except FileNotFoundError:
            coded = None
        pixels = decode_frame(coded, self.depth) if coded is not None else None
        if pixels is None:
            with contextlib.suppress(OSError):  # where it cannot be removed, the error says enough
                self.forget(index)
            raise BrokenFrame(str(self.path(index)))
        return pixels

    def write(self, index: int, pixels: Pixels) -> Levels:
        """Commits a frame, and gives it as it is kept: `pixels_of_levels` makes of it what `read` gives.

        Raises:
            OutputError: the disk is full or the folder cannot be written.
        """
        levels = levels_of(pixels, self.depth)
        atomic_write(self.path(index), sealed(encode_levels(levels, self.depth), self._place(index)))
        return levels

    def read_note(self, index: int) -> dict[str, Any] | None:
        """What the pass reported of a frame, if anything.

        Raises:
            BrokenFrame: the note is not what was written; see `read`.
        """
        path = self.path(index).with_suffix(".json")
        try:
            return dict(read_json(path))
        except (DocumentError, ValueError, TypeError) as error:
            if isinstance(error, DocumentError) and error.missing:
                return None
            with contextlib.suppress(OSError):  # where it cannot be removed, the error says enough
                self.forget(index)
            raise BrokenFrame(str(path)) from error

    def write_note(self, index: int, note: dict[str, Any]) -> None:
        """Keeps what a pass reports of a frame beside it; written before the frame, so that none is lost.

        Raises:
            OutputError: as `write`.
        """
        atomic_write(self.path(index).with_suffix(".json"), json.dumps(note, ensure_ascii=False).encode())

    def forget(self, index: int) -> bool:
        """Takes a frame and its note out of the store; answers whether it was there."""
        there = self.path(index).is_file()
        for path in (self.path(index), self.path(index).with_suffix(".json")):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
        return there

    def sweep(self) -> None:
        """Removes what dead runs left half-written; nothing is half-written in object storage."""
        if not is_local(self.folder):
            return
        for tmp in self.folder.glob(".*.tmp"):
            with contextlib.suppress(FileNotFoundError):  # another worker has just finished with it
                if time.time() - tmp.stat().st_mtime > STALE_S:
                    tmp.unlink()

    def _place(self, index: int) -> str:
        """Stands for the frame's place, wherever the run lies: the picture's name, fingerprint and number."""
        return f"{self.folder.parent.name}/{self.folder.name}/{index}"

    def _name(self, index: int) -> str:
        return f"{index:06d}{suffix_of(self.depth)}"
