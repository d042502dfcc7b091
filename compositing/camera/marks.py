"""Marks followed through a shot: corners of the set and the screen's tracking marks, the subject left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.errors import CannotSolve

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

FEWEST = 8
"""Marks in a frame below which no camera can be trusted."""
WINDOW = 21
"""Side of the patch that is compared, px at a height of 720."""
ASTRAY = 0.6
"""A mark followed there and back must come home within this many px at a height of 720."""
NOISE = 6.0
"""A corner must stand out this many times over what the picture's noise would make by itself."""


AGAIN, ENOUGH = 8, 0.7
"""New marks are picked after this many frames, or when no more than this share of them is left."""
ANCHORS = 10
"""Frames kept to compare with: those whose marks are the most."""


@dataclass(frozen=True)
class Marks:
    """What was seen where: observation k is mark `mark[k]` in frame `frame[k]` at `place[k]`, (K, 2) px."""

    frame: NDArray[np.int64]
    mark: NDArray[np.int64]
    place: NDArray[np.float64]
    frames: int

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def marks(self) -> int:
        return int(self.mark.max()) + 1 if len(self.mark) else 0

    def counts(self) -> NDArray[np.int64]:
        """How many marks each frame shows, (frames,)."""
        return np.bincount(self.frame, minlength=self.frames)

    def where(self, keep: NDArray[np.bool_]) -> Marks:
        """Some of the observations, the marks numbered anew."""
        _, mark = np.unique(self.mark[keep], return_inverse=True)
        return Marks(self.frame[keep], mark.astype(np.int64), self.place[keep], self.frames)

    def shared(self, one: int, other: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The observations in two frames of the marks that both show, in the same order."""
        here, there = np.flatnonzero(self.frame == one), np.flatnonzero(self.frame == other)
        _, first, second = np.intersect1d(self.mark[here], self.mark[there], return_indices=True)
        return here[first], there[second]


@dataclass
class Anchor:
    """A frame in which marks were picked, and where those that still live were last seen."""

    grey: NDArray[np.uint8]
    home: NDArray[np.float32]
    now: NDArray[np.float32]
    numbers: NDArray[np.int64]


def follow(frames: Iterable[Image], masks: Iterable[Mask | None] | None = None, *, most: int = 300) -> Marks:
    """Follows marks through the frames of one shot.

    Corners (Shi and Tomasi 1994) are picked in a first frame and again wherever too few are left; each is sought
    in every later frame by the patch it had at first (Lucas and Kanade, pyramidal: Bouguet 2000), so errors do not
    add up from frame to frame. It is dropped when the way back does not lead home, or the subject covers it. A
    few frames are held at a time, however long the shot.

    Args:
        frames: (H, W, 3) float32 RGB in [0, 1], display-referred, of one size.
        masks: (H, W) bool for each frame, true where the subject is; None where nothing is.
        most: marks sought at a time.

    Raises:
        CannotSolve: there is no frame.
    """
    seen: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    anchors: list[Anchor] = []
    count, born, plenty, picked = 0, 0, 0, -AGAIN
    for number, (grey, open_) in enumerate(_prepared(frames, masks)):
        count = number + 1
        anchors = [anchor for anchor in (_seek(each, grey, open_) for each in anchors) if len(anchor.numbers)]
        alive = sum(len(anchor.numbers) for anchor in anchors)
        if alive < ENOUGH * plenty or number - picked >= AGAIN:
            fresh = _pick(grey, open_, [anchor.now for anchor in anchors], most - alive)
            if len(fresh):
                anchors.append(Anchor(grey, fresh, fresh.copy(), np.arange(born, born + len(fresh))))
                born += len(fresh)
            plenty, picked = alive + len(fresh), number
            anchors = sorted(anchors, key=lambda anchor: -len(anchor.numbers))[:ANCHORS]
        for anchor in anchors:
            where = np.full(len(anchor.numbers), number, np.int64)
            seen.append((where, anchor.numbers, anchor.now.astype(np.float64)))
    if count == 0:
        raise CannotSolve("A camera cannot be solved from a shot without frames.")
    if not seen:
        nothing = np.empty(0, np.int64)
        return Marks(nothing, nothing, np.empty((0, 2)), count)
    frame, mark, place = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    several = np.bincount(mark, minlength=born)[mark] >= min(3, count)
    return Marks(frame, mark, place, count).where(several)


def _prepared(
    frames: Iterable[Image], masks: Iterable[Mask | None] | None
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Each frame as 8-bit luma, and where marks may be: 255 away from the subject and the edge."""
    for frame, mask in zip(frames, repeat(None) if masks is None else masks, strict=masks is not None):
        luma = cv2.cvtColor(np.ascontiguousarray(frame, np.float32), cv2.COLOR_RGB2GRAY)
        grey = np.asarray(cv2.convertScaleAbs(np.clip(luma, 0, 1), alpha=255.0), np.uint8)
        rows, columns = grey.shape
        border = max(4, rows // 120)
        open_ = np.zeros((rows, columns), np.uint8)
        open_[border:-border, border:-border] = 255
        if mask is not None:
            reach = 2 * (_window(rows) // 2) + 1
            open_[cv2.dilate(np.asarray(mask, np.uint8), np.ones((reach, reach), np.uint8)) > 0] = 0
        yield grey, open_


def _window(rows: int) -> int:
    return max(9, 2 * round(WINDOW * rows / 1440) + 1)


def _pick(
    grey: NDArray[np.uint8], open_: NDArray[np.uint8], taken: list[NDArray[np.float32]], most: int
) -> NDArray[np.float32]:
    """New corners, (N, 2) px, away from those that are followed already: at most `most`, which may be none."""
    if most < 1:  # for OpenCV, no most at all
        return np.empty((0, 2), np.float32)
    rows, columns = grey.shape
    apart = max(5, round(min(rows, columns) / 40))
    room = open_.copy()
    for places in taken:
        for x, y in np.rint(places).astype(int):
            cv2.circle(room, (int(x), int(y)), apart, 0, -1)
    if not room.any():
        return np.empty((0, 2), np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    strength = np.asarray(cv2.cornerMinEigenVal(smooth, 7), np.float32)
    inside = strength[room > 0]
    floor = NOISE * float(np.median(inside))  # most of a picture is no corner: the median is what noise makes
    room[strength < floor] = 0
    found = cv2.goodFeaturesToTrack(smooth, most, 0.002, apart, mask=room, blockSize=7)
    if found is None:
        return np.empty((0, 2), np.float32)
    fine = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 20, 0.01)
    return np.asarray(
        cv2.cornerSubPix(smooth, np.ascontiguousarray(found, np.float32), (3, 3), (-1, -1), fine), np.float32
    ).reshape(-1, 2)


def _seek(anchor: Anchor, grey: NDArray[np.uint8], open_: NDArray[np.uint8]) -> Anchor:
    """The anchor's marks in a new frame, those that were lost left out."""
    rows, columns = grey.shape
    side = _window(rows)
    how: dict[str, Any] = {
        "winSize": (side, side),
        "maxLevel": 3,
        "criteria": (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 30, 0.005),
        "flags": cv2.OPTFLOW_USE_INITIAL_FLOW,
        "minEigThreshold": 1e-4,
    }
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        anchor.grey, grey, anchor.home[:, None], anchor.now[:, None].copy(), **how
    )
    back, returned, _ = cv2.calcOpticalFlowPyrLK(grey, anchor.grey, there, anchor.home[:, None].copy(), **how)
    now, home = np.asarray(there).reshape(-1, 2), np.asarray(back).reshape(-1, 2)
    limit = max(0.2, ASTRAY * rows / 720)
    kept = (found.ravel() == 1) & (returned.ravel() == 1)
    kept &= np.linalg.norm(home - anchor.home, axis=1) < limit
    column, row = (np.rint(now[:, axis]).astype(int) for axis in (0, 1))
    kept &= (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    kept[kept] &= open_[row[kept], column[kept]] > 0
    return Anchor(anchor.grey, anchor.home[kept], now[kept], anchor.numbers[kept])
