"""One pass over a clip before it is drawn: which frames repeat a picture, and how much each shot moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.footage.cadence import HOLDS, Cadence, ExposureSheet, Motion, choose_hold, expose
from stylize.footage.clip import Clip, Shot
from stylize.footage.decoder import read_frames, read_pictures
from stylize.footage.read_alpha import read_cutouts

Planes = list[NDArray[np.uint8]]
"""A picture's components, 8 bits each: Y', Cb and Cr at their own sizes, or one interleaved RGB."""

BLOCK_PX = 8
LARGEST_CHANGE = 5.0
"""Levels of 255 by which the mean of a block may differ in a picture that is the same again: a frame repeated
before it was coded differs by what the codec makes of it, by 3 to 5 levels in H.264 at a CRF of 18 to 24."""
MEAN_CHANGE = 0.25
"""The same for the picture as a whole."""
MOTION_PX = 128
"""The short side of the pictures in which motion is measured."""
EIGHT_BIT = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "gray"})


@dataclass(frozen=True)
class PictureScan:
    """What `scan_pictures` finds.

    `pictures[i]` is the number of the first frame with the picture of the span's frame i; `motions` has one
    entry a shot, or none where motion was not asked for. `mended` pixels held NaN or infinity."""

    pictures: tuple[int, ...]
    motions: tuple[Motion, ...]
    mended: int = 0


def lay_out(scan: PictureScan, shots: Sequence[Shot], cadence: Cadence, rate: Fraction) -> ExposureSheet:
    """The exposure sheet that follows from what was found in these shots.

    Args:
        scan: of the shots, with their motion where the cadence is `auto`.
    """
    if cadence == "auto":
        holds = [choose_hold(motion, rate) for motion in scan.motions]
    else:
        holds = [HOLDS[cadence]] * len(shots)
    return replace(expose(shots, holds, scan.pictures), mended=scan.mended)


def scan_pictures(clip: Clip, shots: Sequence[Shot], *, motion: bool) -> PictureScan:
    """Reads the frames of `shots`, which follow one another without gaps.

    A stream: two pictures are held at a time. A repeated picture is compared with the first of its kind, so
    that slow changes add up until they count; a picture never repeats across a cut.

    Raises:
        FootageError: the clip is damaged.
    """
    pictures: list[int] = []
    motions: list[Motion] = []
    mended: list[int] = []
    frames = _read(clip, shots[0].start, shots[-1].end, mended)
    for shot in shots:
        first, kept = shot.start, next(frames)
        pictures.append(first)
        before = _small(kept) if motion else None
        moved: list[tuple[float, float]] = []
        for index in range(shot.start + 1, shot.end):
            planes = next(frames)
            if not _is_same(kept, planes):
                first, kept = index, planes
            pictures.append(first)
            if motion and before is not None:
                after = _small(planes)
                moved.append(_motion(before, after))
                before = after
        if motion:
            whole, fastest = np.quantile(moved, 0.75, axis=0) if moved else (0.0, 0.0)
            motions.append(Motion(float(whole), float(fastest)))
    return PictureScan(tuple(pictures), tuple(motions), sum(mended))


def _read(clip: Clip, start: int, end: int, mended: list[int]) -> Iterator[Planes]:
    """The pictures to compare; adds to `mended` how many pixels of each had to be made finite."""
    if clip.lies_in_pictures or clip.has_alpha:
        cutouts = read_cutouts(clip, range(start, end)) if clip.has_alpha else repeat(None)
        for frame, cutout in zip(read_frames(clip, start, end), cutouts, strict=False):
            mended.append(frame.mended)
            shown = [frame.pixels] if cutout is None else [frame.pixels, cutout.alpha, cutout.cover]
            yield [np.rint(each * 255).astype(np.uint8) for each in shown]
        return
    for _, picture in read_pictures(clip, start, end):
        yield _planes(picture)


def _planes(picture: Any) -> Planes:
    """The stored components as they are where they have 8 bits, else converted to that."""
    if picture.format.name not in EIGHT_BIT:
        picture = picture.reformat(format="yuv444p")
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width].copy()
        for plane in picture.planes
    ]


def _is_same(before: Planes, after: Planes) -> bool:
    return all(_is_same_plane(*pair) for pair in zip(before, after, strict=True))


def _is_same_plane(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    import cv2

    rows = slice(None, None, BLOCK_PX)  # most frames differ, and a sample of their rows shows it
    if cv2.mean(cv2.absdiff(before[rows], after[rows]))[0] > 2 * MEAN_CHANGE:
        return False
    change = cv2.absdiff(before, after)
    if float(change.mean()) > MEAN_CHANGE:
        return False
    blocks = (max(1, change.shape[1] // BLOCK_PX), max(1, change.shape[0] // BLOCK_PX))
    means = cv2.resize(change.astype(np.float32), blocks, interpolation=cv2.INTER_AREA)
    return float(means.max()) <= LARGEST_CHANGE


def _small(planes: Planes) -> NDArray[np.float32]:
    """The luma as a grey RGB picture with a short side of `MOTION_PX`."""
    import cv2

    first = planes[0]
    grey = first if first.ndim == 2 else cv2.cvtColor(first, cv2.COLOR_RGB2GRAY)
    scale = MOTION_PX / min(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(grey, size, interpolation=how).astype(np.float32) / 255
    return np.repeat(small[..., None], 3, axis=2)


def _motion(before: NDArray[np.float32], after: NDArray[np.float32]) -> tuple[float, float]:
    """The median and the 98th percentile of the motion, in short sides."""
    from deflicker import DIS

    flow = DIS(before.shape[0])(before, after)
    travelled = np.hypot(flow[..., 0], flow[..., 1]) / min(before.shape[:2])
    middle, fastest = np.quantile(travelled, (0.5, 0.98))
    return float(middle), float(fastest)
