"""A head in space: where it is, how it is turned, and its silhouette.

The head's own frame is frontal: x to the right, y down, 1 is the height of the head, chin at y = 0.5. A point
sits on an ellipsoid and turns with yaw and pitch, so that features foreshorten as they should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .layer import Colour
from .shapes import Point, closed_curve

SKIN_GROUP = 1
SMALL_PX = 44
"""Below this height (canvas px) a head gets marks for features and nothing finer."""


@dataclass(frozen=True)
class Head:
    """Where a head is and who it is. `height` in canvas px from chin to crown; angles in radians."""

    centre: Point
    height: float
    yaw: float
    pitch: float
    roll: float
    skin: Colour
    hair: Colour
    iris: Colour
    width: float = 0.36
    jaw: float = 0.24
    depth: float = 0.0

    def at(self, points: Sequence[Point] | np.ndarray, out: Sequence[float] | float = 0.0) -> np.ndarray:
        """Points of the frontal frame, in canvas px; `out` lifts them off the face towards the front."""
        return self.flat(self.turn(points, out))

    def turn(self, points: Sequence[Point] | np.ndarray, out: Sequence[float] | float = 0.0) -> np.ndarray:
        """Points of the frontal frame in the picture plane, in head units, turned by yaw and pitch."""
        p = np.asarray(points, float)
        x, y = p[:, 0], p[:, 1]
        z = 0.42 * np.sqrt(np.clip(1 - (x / 0.46) ** 2 - (y / 0.62) ** 2, 0, 1)) + np.asarray(out)
        turned = x * np.cos(self.yaw) + z * np.sin(self.yaw)
        nodded = y * np.cos(self.pitch) + (z - 0.25) * np.sin(self.pitch)
        return np.stack([turned, nodded], 1)

    @property
    def profile(self) -> float:
        """0 while the face is seen from the front, 1 from the side."""
        return float(np.clip((abs(self.yaw) - 0.35) / 0.6, 0, 1))

    def widen(self, shape: np.ndarray) -> np.ndarray:
        """A frontal silhouette (head units) as a turned head has it: a skull is longer than it is wide."""
        lean = np.sin(self.yaw)
        low = np.clip((shape[:, 1] + 0.1) / 0.6, 0, 1)
        front = shape[:, 0] * lean > 0
        high = 1 - low
        out = shape.copy()
        out[:, 0] *= 1 + np.where(front, 0.16, 0.3 * high) * self.profile
        out[:, 0] += 0.17 * lean * low - 0.05 * lean * high * (1 - self.profile)
        return out

    def flat(self, points: Sequence[Point] | np.ndarray) -> np.ndarray:
        """Points of the picture plane in head units, in canvas px (silhouettes)."""
        p = np.asarray(points, float) * self.height
        c, s = np.cos(self.roll), np.sin(self.roll)
        return p @ np.array([[c, s], [-s, c]]) + np.asarray(self.centre)

    def px(self, length: float) -> float:
        return length * self.height


def skull(head: Head) -> np.ndarray:
    """The silhouette of the face and skull."""
    w, j = head.width, head.jaw
    pts = [
        (0, -0.5),
        (w * 0.72, -0.42),
        (w, -0.15),
        (w * 0.98, 0.08),
        (w * 0.86, 0.28),
        (j, 0.41),
        (j * 0.45, 0.49),
    ]
    left = [(-x, y) for x, y in reversed(pts[1:])]
    shape = np.array([*pts, (0, 0.505), *left], float)
    shape = head.widen(shape)
    shape[:, 1] += 0.05 * np.sin(head.pitch) * np.clip((shape[:, 1] + 0.1) / 0.6, 0, 1)
    return head.flat(closed_curve(shape, 4))
