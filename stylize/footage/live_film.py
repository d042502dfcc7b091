"""A film of pictures that come when they come."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylize.errors import OutputError
from stylize.footage.camera import Levels
from stylize.footage.clip import Pixels
from stylize.footage.outfile import staged_file

CLOCK = 1000
"""Ticks of a film's clock in a second."""
USUAL_RATE = 30
"""What a film says its rate is; the times of its pictures are their own."""


class LiveFilm:
    """An H.264 film whose pictures have the times at which they were taken. It appears when it is whole."""

    def __init__(self, path: Path) -> None:
        self._files = contextlib.ExitStack()
        self._temporary = self._files.enter_context(staged_file(path))
        self._container: Any = None
        self._stream: Any = None
        self._began, self._last = 0.0, -1

    def show(self, drawing: Pixels, at: float) -> bool:
        import av

        levels = levels_of(drawing)[: drawing.shape[0] // 2 * 2, : drawing.shape[1] // 2 * 2]
        try:
            if self._container is None:
                self._open(levels.shape[1], levels.shape[0])
                self._began = at
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(levels), format="rgb24")
            self._last = max(self._last + 1, round(CLOCK * (at - self._began)))
            picture.pts, picture.time_base = self._last, Fraction(1, CLOCK)
            self._container.mux(self._stream.encode(picture))
        except av.FFmpegError as error:
            raise OutputError(f"The film cannot be written: {error}.", where=self._temporary) from error
        return True

    def _open(self, width: int, height: int) -> None:
        import av

        self._container = av.open(str(self._temporary), "w")
        self._stream = self._container.add_stream("libx264", rate=USUAL_RATE)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, CLOCK)
        self._stream.options = {"preset": "veryfast", "crf": "18", "tune": "zerolatency"}

    def close(self, whole: bool) -> None:
        if self._container is not None:
            if whole:
                self._container.mux(self._stream.encode(None))
            self._container.close()
        keep = whole and self._container is not None
        unfinished = OutputError("The film was not finished.", where=self._temporary)
        with contextlib.suppress(OutputError):
            self._files.__exit__(*((None, None, None) if keep else (OutputError, unfinished, None)))


def levels_of(drawing: Pixels) -> Levels:
    """A drawing in 8 bits, (H, W, 3) uint8 RGB."""
    return np.rint(np.clip(drawing, 0, 1) * 255).astype(np.uint8)
