"""Pictures as they come: from a camera, from a pipe, or from a film played at its own speed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError, UsageError
from stylize.footage.container import film_stream, opened, opened_pipe

Levels = NDArray[np.uint8]
PIPE = "-"
ATTEMPTS = 50
"""Pictures that a camera may fail to give in a row before it counts as gone."""


@dataclass(frozen=True)
class Captured:
    """A picture, (H, W, 3) uint8 RGB, and when it was there to be seen, by `time.monotonic`, s."""

    levels: Levels
    at: float


class Camera(Protocol):
    """Where pictures come from, one after another. They come when they come: whoever reads slowly misses some."""

    @property
    def rate(self) -> float:
        """Pictures a second, as far as it is known; 0 where it is not."""

    def pictures(self) -> Iterator[Captured]:
        """The pictures, each when it is there; ends with the film or the pipe.

        Raises:
            FootageError: a picture is damaged, or the camera is gone.
        """

    def close(self) -> None: ...


def open_camera(source: str, size: tuple[int, int] | None = None) -> Camera:
    """Opens what pictures come from.

    Args:
        source: a camera's number or device file, `-` for a film on stdin (Matroska, MPEG-TS, YUV4MPEG2), or a
        film's
            path.
        size: width and height that a camera is asked for, px; it may give another.

    Raises:
        UsageError: there is no such camera or file. FootageError: it cannot be read.
    """
    if source == PIPE:
        return PlayedFilm(sys.stdin.buffer, paced=False)
    if source.isdecimal() or _is_device(source):
        return OpenCvCamera(source, size)
    if not Path(source).is_file():
        raise UsageError(
            "There is no such camera or film.",
            where=source,
            hint="give a camera's number (0), a film, or - for stdin",
        )
    return PlayedFilm(Path(source))


def _is_device(source: str) -> bool:
    return Path(source).is_char_device()


class OpenCvCamera:
    """A camera, by its number or device file."""

    def __init__(self, source: str, size: tuple[int, int] | None) -> None:
        self._source = source
        self._capture = cv2.VideoCapture(int(source) if source.isdecimal() else source)
        if not self._capture.isOpened():
            raise UsageError(
                "This camera cannot be opened.",
                where=source,
                hint="is it plugged in, free, and may you use it? On Linux: ls -l /dev/video*",
            )
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # pictures that wait are late
        if size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    @property
    def rate(self) -> float:
        return float(self._capture.get(cv2.CAP_PROP_FPS))

    def pictures(self) -> Iterator[Captured]:
        failed = 0
        while failed < ATTEMPTS:
            found, bgr = self._capture.read()
            if not found:
                failed += 1
                time.sleep(0.02)
                continue
            failed = 0
            yield Captured(np.ascontiguousarray(bgr[..., ::-1]), time.monotonic())
        raise FootageError("The camera gives no pictures any more.", where=self._source)

    def close(self) -> None:
        self._capture.release()


class PlayedFilm:
    """A film from a file or pipe.

    Args:
        paced: give each picture at its own time, as a camera would; else as fast as they come.
    """

    def __init__(self, source: Path | IO[bytes], paced: bool = True) -> None:
        self._source, self._paced = source, paced
        self._open = opened(source) if isinstance(source, Path) else opened_pipe(source)
        self._container: Any = self._open.__enter__()
        self._stream = film_stream(self._container, self._where)
        self._stream.thread_type = "SLICE"  # several frames at once would be decoded late

    @property
    def _where(self) -> Path:
        return self._source if isinstance(self._source, Path) else Path("stdin")

    @property
    def rate(self) -> float:
        return float(self._stream.average_rate or 0)

    def pictures(self) -> Iterator[Captured]:
        import av

        began, first = time.monotonic(), None
        try:
            for picture in self._container.decode(self._stream):
                at = time.monotonic()
                if self._paced and picture.time is not None:
                    first = picture.time if first is None else first
                    at = began + picture.time - first
                    time.sleep(max(0.0, at - time.monotonic()))
                yield Captured(picture.to_ndarray(format="rgb24"), max(at, began))
        except av.FFmpegError as error:
            raise FootageError(f"This film is damaged: {error}.", where=self._where) from error

    def close(self) -> None:
        self._open.__exit__(None, None, None)
