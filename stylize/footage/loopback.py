"""A loopback camera of Linux, which other programs take for a camera."""

from __future__ import annotations

import contextlib
from pathlib import Path

from stylize.footage.binary import ffmpeg_binary
from stylize.footage.clip import Pixels
from stylize.footage.live_film import levels_of
from stylize.footage.process import FfmpegProcess


class Loopback:
    """A loopback camera of Linux (v4l2loopback), which other programs take for a camera."""

    def __init__(self, device: Path) -> None:
        self._device = device
        self._files = contextlib.ExitStack()
        self._process: FfmpegProcess | None = None

    def show(self, drawing: Pixels, at: float) -> bool:
        if self._process is None:
            command = loopback_command(self._device, drawing.shape[1], drawing.shape[0])
            self._process = self._files.enter_context(FfmpegProcess(command, self._device))
        self._process.stdin.write(levels_of(drawing).tobytes())
        return True

    def close(self, whole: bool) -> None:
        if self._process is not None and whole:
            self._process.finish()
        self._files.close()


def loopback_command(device: Path, width: int, height: int) -> list[str]:
    """The ffmpeg that hands raw pictures to a loopback camera as they come."""
    return [
        *(ffmpeg_binary(), "-hide_banner", "-loglevel", "error", "-use_wallclock_as_timestamps", "1"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}", "-i", "-"),
        *("-f", "v4l2", "-pix_fmt", "yuv420p", str(device)),
    ]
