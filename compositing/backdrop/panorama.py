"""An equirectangular panorama: all directions, infinitely far away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from compositing.camera.record import View
from compositing.camera.turns import about
from compositing.colour import Image, Plane
from compositing.errors import UnusableBackdrop


@dataclass(frozen=True)
class Panorama:
    """The world as a picture whose columns are longitudes and whose rows are latitudes.

    Attributes:
        picture: (h, 2 h, 3) float32, scene-linear. Its middle is straight ahead of a camera that looks along -Z;
            its left edge is behind, its upper edge overhead.
        heading_deg: turns the world to the right (positive) under the camera.

    Raises:
        UnusableBackdrop: the picture is not twice as wide as it is high.
    """

    picture: Image
    heading_deg: float = 0.0

    far = True
    moves = False

    def __post_init__(self) -> None:
        rows, columns = self.picture.shape[:2]
        if columns != 2 * rows:
            raise UnusableBackdrop(
                f"The panorama is {columns}x{rows}, and an equirectangular one is twice as wide as high.",
                hint="project it to the full sphere, or use the picture as a still",
            )

    @cached_property
    def levels(self) -> list[Image]:
        """At 1, 1/2, 1/4 ... of its size, each with some columns of the other side at both ends."""
        found, picture = [], self.picture
        while True:
            found.append(cv2.copyMakeBorder(picture, 0, 0, 2, 2, cv2.BORDER_WRAP))
            rows, columns = picture.shape[:2]
            if rows % 2 or rows < 128:
                return found
            picture = cv2.resize(picture, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        width, height = view.size
        per_pixel = 1 / float(view.matrix[0, 0])
        finest = self.picture.shape[1] / (2 * np.pi) * per_pixel
        level = int(np.clip(np.floor(np.log2(max(finest, 1.0)) + 0.3), 0, len(self.levels) - 1))
        picture = self.levels[level]
        rows, columns = picture.shape[0], picture.shape[1] - 4
        across, down = _places(view, self.heading_deg, rows, columns)
        light = cv2.remap(picture, across + 2, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return light, np.full((height, width), np.inf, np.float32)


def _places(view: View, heading_deg: float, rows: int, columns: int) -> tuple[Plane, Plane]:
    """Where in the panorama each pixel looks: column and row, float32."""
    width, height = view.size
    to_world = (about("y", heading_deg) @ view.rotation.T).astype(np.float32)
    x = ((np.arange(width) - view.matrix[0, 2]) / view.matrix[0, 0]).astype(np.float32)
    y = ((np.arange(height) - view.matrix[1, 2]) / view.matrix[1, 1]).astype(np.float32)[:, None]
    east, up, south = (to_world[k, 0] * x + to_world[k, 1] * y + to_world[k, 2] for k in range(3))
    longitude = np.arctan2(east, -south)
    latitude = np.arctan2(up, np.hypot(east, south))
    across = (longitude / np.float32(2 * np.pi) + np.float32(0.5)) * columns - np.float32(0.5)
    down = (np.float32(0.5) - latitude / np.float32(np.pi)) * rows - np.float32(0.5)
    return across.astype(np.float32), down.astype(np.float32)
