"""A camera: where it stands, what it sees, where it is sharp.

The world is left-handed, in metres: x right, y up, z away into the street.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .texture import Floats, vec


@dataclass(frozen=True)
class Camera:
    """A pinhole with a focus distance; `lens` turns focus and aperture into blur.

    `field_deg` is the horizontal field of view; `aperture_m` the diameter of the opening.
    """

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    field_deg: float
    focus_m: float
    aperture_m: float
    roll_deg: float = 0.0

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Unit vectors right, up and forward, each (3,)."""
        forward = vec(self.target) - vec(self.position)
        forward /= np.linalg.norm(forward)
        right = np.cross(vec([0, 1, 0]), forward)
        right /= np.linalg.norm(right)
        up = np.cross(forward, right)
        roll = np.deg2rad(self.roll_deg)
        tilted = right * np.cos(roll) + up * np.sin(roll)
        return tilted, up * np.cos(roll) - right * np.sin(roll), forward

    def focal_px(self, width: int) -> float:
        """The focal length in pixels of a picture `width` pixels wide."""
        return float(0.5 * width / np.tan(np.deg2rad(self.field_deg) / 2))

    def rays(self, width: int, height: int, jitter: tuple[float, float]) -> Floats:
        """Unit directions through the pixels, row by row: (3, width * height).

        `jitter` is where in each pixel the ray passes, from (0, 0) at its top left to (1, 1).
        """
        right, up, forward = self.axes()
        focal = self.focal_px(width)
        x = (np.arange(width, dtype=np.float32) + jitter[0] - width / 2) / focal
        y = -(np.arange(height, dtype=np.float32) + jitter[1] - height / 2) / focal
        grid_x, grid_y = (plane.ravel() for plane in np.meshgrid(x, y))
        rays = right[:, None] * grid_x + up[:, None] * grid_y + forward[:, None]
        rays /= np.sqrt((rays * rays).sum(0))
        return rays.astype(np.float32)

    def blur_px(self, depth_m: Floats, width: int) -> Floats:
        """The diameter, in pixels, of the disc that a point at `depth_m` becomes (thin lens)."""
        spread = self.aperture_m * np.abs(1 / self.focus_m - 1 / np.maximum(depth_m, 0.05))
        return np.asarray(spread * self.focal_px(width), np.float32)
