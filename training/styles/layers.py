"""What a draughtsman lays a drawing together from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.base.cels import Cels

Plane = NDArray[np.float32]
MEDIUM = 1
"""Of the ink's three weights."""


@dataclass(frozen=True)
class Layers:
    """A scene's layers, none of them graded.

    `photo` and `paint` are (H, W, 3) float32 RGB in [0, 1], the paint flat, in three tones and without lines; `ink`
    is the lines' coverage, (H, W) float32 in [0, 1].
    """

    photo: Plane
    paint: Plane
    ink: Plane

    @classmethod
    def of(cls, cels: Cels) -> Layers:
        return cls(cels.photo, cels.three, np.ascontiguousarray(cels.ink[..., MEDIUM]))
