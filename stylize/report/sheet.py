"""A sheet of frames: the source above, the film below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from stylize import footage
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels
from stylize.footage.read_alpha import read_cutouts
from stylize.footage.seen import seen_on_ground
from stylize.storage.pictures import write_picture


def write_sheet(source: Path, film: Path, out: Path, moments: Sequence[int], width: int = 640) -> Path:
    """Writes frames of a clip over the same frames of its film, a column for each moment.

    Args:
        source, film: two films of one length.
        out: the PNG or JPEG to write.
        moments: frame numbers from 0.
        width: of a frame on the sheet, px.

    Raises:
        UsageError: the films differ in length, or a moment lies outside them.
    """
    clips = footage.probe(source), footage.probe(film)
    if clips[0].frame_count != clips[1].frame_count:
        raise UsageError(
            f"The films differ in length: {clips[0].frame_count} and {clips[1].frame_count} frames.",
            where=film,
        )
    rows = []
    for clip in clips:
        frames = [_frame(clip, moment) for moment in moments]
        rows.append(np.concatenate([_scaled(frame, width) for frame in frames], axis=1))
    return write_picture(np.concatenate(rows, axis=0), out)


def _frame(clip: Clip, moment: int) -> Pixels:
    """A frame as a person sees it."""
    pixels = next(iter(footage.read_frames(clip, moment, moment + 1))).pixels
    if not clip.has_alpha:
        return pixels
    cutout = next(read_cutouts(clip, [moment]))
    return seen_on_ground(pixels, cutout, keeps_alpha=True, is_light=clip.codec == "exr")


def _scaled(pixels: Pixels, width: int) -> Pixels:
    height = round(pixels.shape[0] * width / pixels.shape[1])
    shrinks = width < pixels.shape[1]
    scaled = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.asarray(scaled, np.float32)
