"""How much films of the same moments flicker, frame by frame, along the motion of their source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from stylize.footage.clip import Pixels

HEIGHT_PX = 96
"""Frames are measured at this height at most."""
MOST_PAIRS, IN_A_ROW = 124, 4
"""Pairs of neighbours that are measured at most. In a longer film so many in a row are measured, then a stretch is
left out: most frames that are read then serve two pairs.

Encoders code frames in turn more and less finely: every second pair of a real clip gave a mean that was 15 % low.
An even number in a row has as many pairs of either kind."""


@dataclass(frozen=True)
class FlickerCurve:
    """Mean squared warp errors x1000 between a frame and the one before it (Lai et al., ECCV 2018).

    Attributes:
        numbers: the frames that were measured.
        errors: by the name of a film, as many as `numbers`.
    """

    numbers: tuple[int, ...]
    errors: Mapping[str, tuple[float, ...]]

    def mean(self, name: str) -> float:
        return float(np.mean(self.errors[name]))


class FlickerMeter:
    """Takes in the frames of a film and its source in order, and measures each beside the one before.

    Args:
        count: how many frames will come.
    """

    def __init__(self, count: int) -> None:
        from deflicker.flow import DIS

        self._period = IN_A_ROW if count <= MOST_PAIRS else -(-count * IN_A_ROW // MOST_PAIRS)
        self._flow = DIS(HEIGHT_PX)
        self._before: tuple[Pixels, dict[str, Pixels]] | None = None
        self._seen = 0
        self._numbers: list[int] = []
        self._errors: dict[str, list[float]] = {}

    def begin_shot(self) -> None:
        """The next frame has no neighbour before it."""
        self._before = None

    def add(self, number: int, source: Pixels, films: Callable[[], Mapping[str, Pixels]]) -> None:
        """Takes in a frame; all pictures (height, width, 3) float32 in [0, 1], of any sizes but one shape.

        Args:
            films: gives what each film shows there, by its name; it is not asked for frames that are not measured.
                The source itself is measured with them.
        """
        place = self._seen % self._period
        wanted = 1 <= place <= IN_A_ROW or self._period == IN_A_ROW
        needed = wanted or place == 0
        self._seen += 1
        if not needed:
            self._before = None
            return
        small = reduce_height(source, HEIGHT_PX)
        size = (small.shape[1], small.shape[0])
        pictures = {"source": small, **{name: _resized(film, size) for name, film in films().items()}}
        if wanted and self._before is not None:
            self._measure(number, *self._before, small, pictures)
        self._before = small, pictures

    def _measure(
        self,
        number: int,
        before: Pixels,
        earlier: dict[str, Pixels],
        here: Pixels,
        pictures: dict[str, Pixels],
    ) -> None:
        from deflicker import metrics

        there, back = self._flow(before, here), self._flow(here, before)
        seen = metrics.visible(there, back)
        self._numbers.append(number)
        for name, picture in pictures.items():
            error = 1000 * metrics.warp_error(earlier[name], picture, there, seen)
            self._errors.setdefault(name, []).append(error)

    def curve(self) -> FlickerCurve | None:
        """What was measured; None where no two frames of one shot came."""
        if not self._numbers:
            return None
        errors = {name: tuple(found) for name, found in self._errors.items()}
        return FlickerCurve(tuple(self._numbers), errors)


def reduce_height(picture: Pixels, height_px: int) -> Pixels:
    """The picture at this height, or as it is where it is no higher."""
    scale = height_px / picture.shape[0]
    if scale >= 1:
        return picture
    return _resized(picture, (max(1, round(picture.shape[1] * scale)), height_px))


def _resized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    import cv2

    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
