"""Whether a painted frame lies over its photograph, and where: measured by where both have edges.

Paint may have any colour, but mostly has its edges where the photograph has them. So the strength of the edges of
both is correlated at every shift. A frame's own painting stands out from all other shifts; a foreign picture does
not, and a mirrored one does when it is mirrored back.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from deflicker.arrays import Image, Plane, magnitude, slopes

HEIGHT_PX = 180
"""Pictures are compared at this height."""
FINE_PX = 1.2
"""Deviation of the Gaussian over an edge map: how far lines may lie from the photograph's."""
REACH = 0.12
"""The largest shift that is looked for, as a part of the width and the height."""


@dataclass(frozen=True)
class Match:
    """How a painted frame lies over a photograph.

    Attributes:
        likeness: the correlation of their edges where they agree best, from -1 to 1.
        chance: the correlation that other shifts reach by chance: their 99th percentile.
        shift: (x, y) by which the painting must be moved to agree, as parts of the width and the height.
    """

    likeness: float
    chance: float
    shift: tuple[float, float]

    @property
    def clearness(self) -> float:
        """How far the likeness stands out from chance; pictures of one thing have 1.5 and more."""
        return self.likeness / max(self.chance, 0.02)


def match(painted: Image, photograph: Image, where: Plane | None = None) -> Match:
    """Correlates the edges of two pictures of one shape.

    Args:
        painted, photograph: (height, width, 3) float32 in [0, 1], of any sizes.
        where: what of the painting counts, (height, width) in [0, 1].
    """
    rows, columns = photograph.shape[:2]
    size = (max(16, round(columns * HEIGHT_PX / rows)), HEIGHT_PX)
    one, other = (_edges(_sized(picture, size)) for picture in (painted, photograph))
    weight = np.ones(one.shape, np.float32) if where is None else _sized(where, size)
    scores = _correlations(one, other, weight)
    down, across = round(REACH * size[1]), round(REACH * size[0])
    near = np.roll(scores, (down, across), (0, 1))[: 2 * down + 1, : 2 * across + 1]
    top = np.unravel_index(int(np.argmax(near)), near.shape)
    apart = np.hypot(*np.ogrid[-top[0] : near.shape[0] - top[0], -top[1] : near.shape[1] - top[1]])
    chance = float(np.quantile(near[apart > 4 * FINE_PX], 0.99))
    y, x = (_peak(near, (int(top[0]), int(top[1])), axis) for axis in (0, 1))
    return Match(float(near[top]), chance, ((x - across) / size[0], (y - down) / size[1]))


def likeness(painted: Image, photograph: Image, where: Plane) -> float:
    """The correlation of the edges of two pictures as they lie, from -1 to 1.

    Args:
        painted, photograph: (height, width, 3) float32 in [0, 1], of any sizes and one shape.
        where: what counts, (height, width) in [0, 1].
    """
    rows, columns = photograph.shape[:2]
    size = (max(16, round(columns * HEIGHT_PX / rows)), HEIGHT_PX)
    weight = _sized(where, size)
    one, other = (_edges(_sized(picture, size)) for picture in (painted, photograph))
    total = max(float(weight.sum()), 1e-6)
    one, other = (each - float((weight * each).sum()) / total for each in (one, other))
    spread = float((weight * one * one).sum()) * float((weight * other * other).sum())
    return float((weight * one * other).sum()) / max(spread, 1e-12) ** 0.5


def shifted(picture: Image, shift: tuple[float, float]) -> tuple[Image, Plane]:
    """The picture moved by parts of its width and height, and where it still shows something: (height, width)."""
    rows, columns = picture.shape[:2]
    matrix = np.array([[1, 0, shift[0] * columns], [0, 1, shift[1] * rows]], np.float32)
    size = (columns, rows)
    moved = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones((rows, columns), np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    return np.clip(moved, 0, 1), inside


def _sized(picture: Image | Plane, size: tuple[int, int]) -> Image:
    how = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how)


def _edges(picture: Image) -> Plane:
    """How steep each place is among those around it, blurred a little: (height, width)."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    steep = magnitude(*slopes(luma))
    usual = cv2.GaussianBlur(steep, (0, 0), 10) + np.float32(0.01)
    return cv2.GaussianBlur(np.minimum(steep / usual, 3), (0, 0), FINE_PX)


def _correlations(one: Plane, other: Plane, weight: Plane) -> Plane:
    """The weighted correlation of `one`, moved by each shift, with `other`; at [y, x] that of the shift (x, y)."""
    rows, columns = one.shape

    def spectrum(values: Plane) -> np.ndarray:
        return np.fft.rfft2(values, (2 * rows, 2 * columns))

    def at_shifts(first: Plane, second: Plane) -> Plane:
        return np.fft.irfft2(np.conj(spectrum(first)) * spectrum(second), (2 * rows, 2 * columns))

    inside = np.ones_like(other)
    count = np.maximum(at_shifts(weight, inside), 1)
    means = at_shifts(weight * one, inside) / count, at_shifts(weight, other) / count
    spreads = (
        at_shifts(weight * one * one, inside) / count - means[0] ** 2,
        at_shifts(weight, other * other) / count - means[1] ** 2,
    )
    both = at_shifts(weight * one, other) / count - means[0] * means[1]
    return np.asarray(both / np.sqrt(np.maximum(spreads[0] * spreads[1], 1e-8)), np.float32)


def _peak(scores: Plane, top: tuple[int, int], axis: int) -> float:
    """The place of a maximum between its neighbours, by a parabola."""
    line = scores[:, top[1]] if axis == 0 else scores[top[0]]
    at = top[axis]
    if not 0 < at < len(line) - 1:
        return float(at)
    before, here, after = (float(value) for value in line[at - 1 : at + 2])
    curve = before - 2 * here + after
    return at + (0.5 * (before - after) / curve if curve < 0 else 0.0)
