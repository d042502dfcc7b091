"""A clean plate as the frames of a shot see it: small for the light, and in full for the part that is worked on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import cv2
import numpy as np

from compositing.colour import Image, Plane
from compositing.screen.plate import coarse

Window = tuple[slice, slice]
"""Rows and columns of a frame."""


class CleanPlate(Protocol):
    """What a shot's frames would show without the subject; `number` is a frame's place in the shot."""

    def coarse(self, number: int) -> tuple[Image, Plane]:
        """The plate and how well it is known, both `coarse`."""
        ...

    def part(self, number: int, window: Window) -> Image:
        """The plate in a window of the frame, scene-linear."""
        ...


@dataclass(frozen=True)
class StillPlate:
    """The plate of a camera that stands still, or of one frame alone: as `combine` gives them."""

    plate: Image
    known: Plane

    @cached_property
    def _coarse(self) -> tuple[Image, Plane]:
        return coarse(self.plate), coarse(self.known)

    def coarse(self, number: int) -> tuple[Image, Plane]:
        return self._coarse

    def part(self, number: int, window: Window) -> Image:
        return self.plate[window]


def enlarged(small: Image, size: tuple[int, int], window: Window) -> Image:
    """A window of a coarse picture brought to a frame's `size` (width, height), linearly."""
    across, down = small.shape[1] / size[0], small.shape[0] / size[1]
    top, left = window[0].start, window[1].start
    wanted = (window[1].stop - left, window[0].stop - top)
    back = np.array([[across, 0, (left + 0.5) * across - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(small, back, wanted, flags=how, borderMode=cv2.BORDER_REPLICATE)
