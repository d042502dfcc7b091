"""How the screen moves through the picture, followed by its marks and folds: one homography a frame.

A wall seen by any camera, and anything seen by a camera that only turns, moves by homographies (Hartley and
Zisserman 2004, section 13.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.camera.marks import Marks, follow
from compositing.colour import Image, Plane, linear_from_srgb
from compositing.screen.colour import ScreenColour

Floats = NDArray[np.float64]

ROWS = 540
"""Marks are followed in pictures of at most this height."""
FEWEST = 10
"""Marks that tie a frame to the others; a homography has eight numbers."""
STRAY_PX, SOUND_PX = 2.0, 0.5
"""A mark that lies farther off is not on the screen; the median of the others must be within the second."""
ROUNDS = 4
SUBJECT = 1 / 24
"""What is no screen and wider than this, in picture heights, is the subject; marks are smaller."""


@dataclass(frozen=True)
class Motion:
    """`to_home`, (N, 3, 3): from the pixels of each frame of a shot to those of its frame `home`."""

    to_home: Floats
    home: int


def follow_screen(frames: Iterable[Image], colour: ScreenColour) -> Motion | None:
    """The motion of the screen over a shot, or None where it shows too little to hold on to.

    Args:
        frames: display-referred RGB, (height, width, 3) in [0, 1], of one size; read once, one held at a time.
    """
    shrunk = ((each, _shrink(each)) for each in frames)
    sizes: list[float] = []

    def pairs() -> Iterator[tuple[Image, Plane]]:
        for whole, small in shrunk:
            sizes[:] = [small.shape[0] / whole.shape[0]]
            yield small, subject_mask(small, colour)

    pictures, masks = tee(pairs())
    marks = follow((picture for picture, _ in pictures), (mask for _, mask in masks))
    solved = lay_out(marks)
    if solved is None:
        return None
    scale = sizes[0]
    # Pixels are counted from their middles: half the size moves the corner's by a quarter of a pixel.
    down = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])
    return Motion(np.linalg.inv(down) @ solved.to_home @ down, solved.home)


def lay_out(marks: Marks) -> Motion | None:
    """Lays all frames over one of them, the marks of every frame over their own mean places.

    Frames are laid one by one, from the middle outwards, on what lies there already; then the places are the means
    over all frames, and the frames are laid anew, a few times over. None where the marks do not show it.
    """
    home = marks.frames // 2
    to_home = np.tile(np.eye(3), (marks.frames, 1, 1))
    places = np.full((marks.marks, 2), np.nan)
    first = marks.frame == home
    places[marks.mark[first]] = marks.place[first]
    for number in sorted(range(marks.frames), key=lambda each: abs(each - home)):
        here = np.flatnonzero(marks.frame == number)
        found = _laid(marks.place[here], places[marks.mark[here]])
        if found is None:
            return None
        to_home[number] = found
        rest = here[np.isnan(places[marks.mark[here], 0])]
        places[marks.mark[rest]] = carried(marks.place[rest], found)
    for _ in range(ROUNDS):
        there = np.concatenate(
            [carried(marks.place[marks.frame == k], to_home[k]) for k in range(marks.frames)]
        )
        order = np.argsort(marks.frame, kind="stable")
        places = _medians(marks.mark[order], there, marks.marks)
        for number in range(marks.frames):
            here = np.flatnonzero(marks.frame == number)
            found = _laid(marks.place[here], places[marks.mark[here]])
            if found is None:
                return None
            to_home[number] = found
        to_home = np.asarray(np.linalg.inv(to_home[home]) @ to_home, np.float64)
    return Motion(to_home, home)


def carried(points: Floats, matrix: Floats) -> Floats:
    """Points (N, 2) through a homography."""
    flat = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return np.asarray(flat[:, :2] / flat[:, 2:])


def _laid(points: Floats, places: Floats) -> Floats | None:
    """The homography from points to places, (N, 2) each, as far as these are known; None where it is not sure."""
    known = np.isfinite(places[:, 0])
    if known.sum() < FEWEST:
        return None
    found, sound = cv2.findHomography(points[known], places[known], cv2.RANSAC, STRAY_PX)
    if found is None or sound.sum() < max(FEWEST, 0.6 * known.sum()):
        return None
    matrix: Floats = np.asarray(found, np.float64)
    miss = np.linalg.norm(carried(points[known], matrix) - places[known], axis=1)
    return matrix if np.median(miss) < SOUND_PX else None


def _medians(mark: NDArray[np.int64], there: Floats, count: int) -> Floats:
    order = np.argsort(mark, kind="stable")
    parts = np.split(there[order], np.cumsum(np.bincount(mark, minlength=count))[:-1])
    return np.array([np.median(part, axis=0) for part in parts])


def subject_mask(frame: Image, colour: ScreenColour) -> NDArray[np.bool_]:
    """The wide things that are not of the screen's colour, (height, width), of a display-referred frame."""
    rows, columns = frame.shape[:2]
    scale = max(1, rows // 270)
    small = cv2.resize(frame, (columns // scale, rows // scale), interpolation=cv2.INTER_AREA)
    other = (colour.closeness(linear_from_srgb(small)) <= 0).astype(np.uint8)
    side = max(3, round(SUBJECT * small.shape[0]))
    wide = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    grown = cv2.dilate(wide, np.ones((side, side), np.uint8))
    return cv2.resize(grown, (columns, rows), interpolation=cv2.INTER_NEAREST) > 0


def _shrink(frame: Image) -> Image:
    scale = min(1.0, ROWS / frame.shape[0])
    if scale == 1:
        return frame
    size = (round(scale * frame.shape[1]), round(scale * frame.shape[0]))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
