"""Frames of a clip at a small size, for looking and measuring: several times quicker than whole ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from stylize.footage.clip import Clip, Frame
from stylize.footage.colour import matrix_of
from stylize.footage.decoder import check_range, pick_frames, read_pictures
from stylize.footage.picture import pixels_of


def pick_reduced(clip: Clip, numbers: Sequence[int], size: tuple[int, int]) -> Iterator[Frame]:
    """The frames of these ascending numbers at a size, as `pick_frames` in all else.

    A film's pictures are reduced as they are stored, before their colours are converted.

    Args:
        size: (width, height) px, upright.
    """
    import cv2

    if not numbers:
        return
    if clip.is_sequence:
        for frame in pick_frames(clip, numbers):
            small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
            yield Frame(frame.index, frame.pts, np.asarray(small, np.float32))
        return
    start, end, wanted = numbers[0], numbers[-1] + 1, frozenset(numbers)
    check_range(clip, start, end)
    colour = clip.colour if clip.colour.matrix == "gbr" else replace(clip.colour, matrix=matrix_of(clip))
    small_clip = replace(clip, width=size[0], height=size[1], colour=colour)
    width, height = size if clip.rotation % 180 == 0 else size[::-1]
    for index, picture in read_pictures(clip, start, end):
        if index in wanted:
            reduced = picture.reformat(width=width, height=height, interpolation="AREA")
            yield Frame(index, picture.pts, pixels_of(reduced, small_clip))
