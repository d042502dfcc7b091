"""The measures of a torso and its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .shapes import Point, open_curve

NECK_Y, SHOULDER_Y, CHEST_Y, WAIST_Y = 0.68, 1.05, 1.6, 2.4


@dataclass(frozen=True)
class TorsoShape:
    """The measures of a torso in the body's frame (1 is the height of the head, y down from its middle).

    Attributes:
        shoulder, waist, hip: half the width there.
        neck: half the width of the neckline.
        neckline: y of the neckline's lowest point.
        hem: y of the hem at the sides; it hangs a little lower in the middle.
    """

    shoulder: float
    waist: float
    hip: float
    neck: float
    neckline: float
    hem: float

    @classmethod
    def draw(cls, rng: np.random.Generator, shoulder: float) -> TorsoShape:
        """A random torso for shoulders of this half-width; two of three have a high neckline."""
        hip = rng.uniform(0.5, 0.68)
        waist = hip * rng.uniform(0.82, 1.05)
        hem = 3.3 if rng.random() < 0.5 else 3.0
        neck = rng.uniform(0.2, 0.3)
        high, low = rng.uniform(0.7, 0.85), rng.uniform(0.9, 1.25)
        return cls(shoulder, waist, hip, neck, float(rng.choice([high, low], p=[0.65, 0.35])), hem)

    def outline(self) -> np.ndarray:
        """Down the right side, along the hem, up the left side, along the neckline; (N, 2)."""
        right: list[Point] = [
            (self.neck, NECK_Y),
            (self.shoulder * 0.75, 0.82),
            (self.shoulder * 1.02, SHOULDER_Y),
            (self.shoulder * 0.93, CHEST_Y),
            (self.waist, WAIST_Y),
            (self.hip * 1.05, self.hem),
        ]
        left = [(-x, y) for x, y in reversed(right)]
        hem = [right[-1], (0, self.hem + 0.08), left[0]]
        neckline = [left[-1], (0, self.neckline), right[0]]
        return np.vstack(
            [
                open_curve(right, 4),
                open_curve(hem, 4)[1:-1],
                open_curve(left, 4),
                open_curve(neckline, 4)[1:-1],
            ]
        )
