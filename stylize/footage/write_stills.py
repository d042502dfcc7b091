"""Frames into numbered files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stylize.errors import OutputError
from stylize.footage.clip import Clip, Frame, Pixels
from stylize.footage.outfile import staged_file, staged_folder
from stylize.footage.sequence import Pattern
from stylize.footage.target import FilmTarget, frame_numbers


def write_stills(frames: Iterator[Frame], pattern: Pattern, clip: Clip, target: FilmTarget) -> None:
    """Write each frame to its own file; all of them appear together, when the last one is written.

    Files of other numbers that lie there already are left alone, so that a range can be drawn anew.

    Raises:
        OutputError: a file cannot be written.
    """
    numbers = frame_numbers(clip, target.start, target.end)
    with staged_folder(pattern.folder) as folder:
        for number, frame in zip(numbers, frames, strict=True):
            path = folder / pattern.file(number).name
            _write(path, frame, clip, target, pattern.file(number))


def write_still(frames: Iterator[Frame], clip: Clip, target: FilmTarget) -> None:
    """Write the one frame of a still under the output's own name.

    Raises:
        OutputError: it cannot be written.
    """
    with staged_file(target.out) as path:
        for frame in frames:
            _write(path, frame, clip, target, target.out)


def _write(path: Path, frame: Frame, clip: Clip, target: FilmTarget, shown: Path) -> None:
    try:
        if target.format == "exr":
            _write_linear(path, frame.pixels, clip, target.straight)
        else:
            write_png(path, frame.pixels, 16 if target.format == "png16" else 8)
    except (OSError, RuntimeError) as error:
        raise OutputError(
            f"Frame {frame.index} cannot be written: {error}.",
            where=shown,
            hint="Check the free space, or choose another output.",
        ) from error


def write_png(path: Path, pixels: Pixels, depth: int) -> None:
    """Write pixels, (height, width, 1, 3 or 4) in [0, 1], at 8 or 16 bits a channel: grey, RGB or RGBA."""
    import cv2

    top = (1 << depth) - 1
    codes = np.rint(np.clip(pixels, 0, 1) * top).astype(np.uint8 if depth == 8 else np.uint16)
    order = [2, 1, 0, 3][: codes.shape[2]] if codes.shape[2] > 1 else [0]
    done, data = cv2.imencode(".png", np.ascontiguousarray(codes[..., order]))
    if not done:
        raise RuntimeError("the picture cannot be packed as PNG")
    path.write_bytes(data.tobytes())


def _write_linear(path: Path, pixels: Pixels, clip: Clip, straight: bool) -> None:
    from stylize.footage.exr import write_exr
    from stylize.footage.transfer import linear_from_srgb

    if pixels.shape[2] == 1:
        write_exr(path, pixels, pixel_aspect=float(clip.pixel_aspect))
        return
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    light = colour if clip.shown_colour.transfer == "linear" else linear_from_srgb(colour)
    if alpha.shape[2]:
        light = np.concatenate([light if straight else light * alpha, alpha], axis=2)
    write_exr(path, light, pixel_aspect=float(clip.pixel_aspect))
