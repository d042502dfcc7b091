"""Where finished frames lie: committed whole or not at all, and found again by what made them."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.errors import OutputError
from stylize.footage.clip import Pixels
from stylize.storage.atomic import atomic_write
from stylize.storage.place import Place, is_local, listed

STALE_S = 3600.0
"""Temporary files older than this belong to a run that died."""


@dataclass(frozen=True)
class FrameStore:
    """The frames of one pass under one fingerprint: `<run>/<pass>/<fingerprint>/<frame %06d>.png`.

    Done means that a frame's file exists and decodes. Every write goes to a temporary file of its own in the
    same folder, is flushed to the disk and then moved into place, so a killed run leaves whole frames only,
    and two workers that draw the same frame cannot mix.
    """

    folder: Place
    sixteen_bit: bool = False

    def path(self, index: int) -> Place:
        return self.folder / f"{index:06d}.png"

    def has(self, index: int) -> bool:
        """Whether the frame is done. A torn file (a dying disk, a careless copy) counts as missing."""
        path = self.path(index)
        return path.is_file() and (not isinstance(path, Path) or _ends_whole(path))

    def missing(self, indices: Iterable[int]) -> list[int]:
        if is_local(self.folder):
            return [index for index in indices if not self.has(index)]
        there = listed(self.folder)  # in one request, not one a frame
        return [index for index in indices if f"{index:06d}.png" not in there]

    def read(self, index: int) -> Pixels:
        """The frame as (H, W, 3) float32 RGB in [0, 1].

        Raises:
            OutputError: the frame is missing or does not decode.
        """
        coded = self.path(index).read_bytes() if self.has(index) else b""
        stored = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED) if coded else None
        if stored is None:
            raise OutputError(
                "This frame is missing or broken.",
                where=str(self.path(index)),
                hint="run again to mend it",
            )
        levels = 65535 if stored.dtype == np.uint16 else 255
        return np.divide(cv2.cvtColor(stored, cv2.COLOR_BGR2RGB), levels, dtype=np.float32)

    def write(self, index: int, pixels: Pixels) -> None:
        """Commits a frame.

        Raises:
            OutputError: the disk is full or the folder cannot be written.
        """
        levels = 65535 if self.sixteen_bit else 255
        rounded = np.rint(np.clip(pixels, 0, 1) * levels)
        bgr = np.ascontiguousarray(rounded[..., ::-1].astype(np.uint16 if self.sixteen_bit else np.uint8))
        done, coded = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            raise OutputError("This frame could not be coded as PNG.", where=str(self.path(index)))
        atomic_write(self.path(index), coded.tobytes())

    def read_note(self, index: int) -> dict[str, Any] | None:
        """What the pass told of a frame, if anything."""
        path = self.path(index).with_suffix(".json")
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def write_note(self, index: int, note: dict[str, Any]) -> None:
        """Keeps what a pass tells of a frame beside it; written before the frame, so that none is lost.

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


PNG_END = b"IEND\xaeB`\x82"


def _ends_whole(path: Path) -> bool:
    """Whether a PNG has its end mark: commits are whole, so only a torn copy lacks it."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 16:
            return False
        file.seek(-8, os.SEEK_END)
        return file.read(8) == PNG_END
