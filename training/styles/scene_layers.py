"""What a drawing program makes a drawing from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.base.cels import Cels

Plane = NDArray[np.float32]
MEDIUM = 1
"""Channel of `Cels.ink` with lines of medium weight."""


@dataclass(frozen=True)
class SceneLayers:
    """Photograph, paint and ink of one scene, in the photograph's colours.

    Attributes:
        photo: (H, W, 3) float32 RGB in [0, 1].
        paint: flat areas in three tones, without lines, (H, W, 3) float32 RGB in [0, 1].
        painted: the same with the background painted in many tones, where the scene tells one from its subjects.
        ink: coverage of the lines, (H, W) float32 in [0, 1].
    """

    photo: Plane
    paint: Plane
    painted: Plane
    ink: Plane

    @classmethod
    def of(cls, cels: Cels) -> SceneLayers:
        return cls(cels.photo, cels.three, cels.painted, np.ascontiguousarray(cels.ink[..., MEDIUM]))
