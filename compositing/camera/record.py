"""The one camera record: where a shot's camera stood and what it saw, frame by frame, with units.

World: metres, right-handed, Y up. Camera: looks along its own -Z, X to the right, Y up (as USD, glTF and OpenGL
have it). Pictures: x to the right, y down, pixel centres at whole numbers (as OpenCV has it). Whatever a file holds
is turned into this on the way in and back on the way out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from compositing.camera.turns import blend
from compositing.errors import InvalidCamera

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]
Kind = Literal["locked", "rotation", "translating"]

CV_FROM_CAMERA = np.diag([1.0, -1.0, -1.0])
"""Turns camera axes (X right, Y up, -Z forward) into OpenCV's (X right, Y down, Z forward); its own inverse."""

FULL_FRAME_MM = 36.0
"""The film back's width where none is given: a picture shows the field of view alone."""


@dataclass(frozen=True)
class View:
    """The camera at one moment.

    `world` takes camera coordinates to the world, (4, 4), metres; `matrix` is OpenCV's camera matrix, (3, 3), px;
    `distortion` is Brown and Conrady's in OpenCV's order k1, k2, p1, p2, k3, on coordinates divided by the depth.
    """

    world: Matrix
    matrix: Matrix
    size: tuple[int, int]
    distortion: tuple[float, ...] = (0.0,) * 5

    @property
    def position(self) -> Points:
        """Where the camera stands, (3,), metres."""
        return np.asarray(self.world[:3, 3])

    @property
    def rotation(self) -> Matrix:
        """Takes world directions to OpenCV's camera axes, (3, 3)."""
        return np.asarray(CV_FROM_CAMERA @ self.world[:3, :3].T)

    @property
    def straight(self) -> View:
        """The same view through a lens without distortion."""
        return replace(self, distortion=(0.0,) * 5)

    def project(self, points: Points) -> tuple[Points, Points]:
        """Where world points (N, 3) are seen: (N, 2) px, and their depths along the axis, (N,) metres.

        Points behind the camera have a depth of zero or less, and no meaningful place.
        """
        seen = (np.asarray(points, np.float64) - self.position) @ self.rotation.T
        depth = seen[:, 2]
        ahead = np.where(np.abs(depth) < 1e-12, 1e-12, depth)
        flat = distort(seen[:, :2] / ahead[:, None], self.distortion)
        return flat * self.matrix.diagonal()[:2] + self.matrix[:2, 2], depth

    def rays(self, points: Points) -> Points:
        """World directions, (N, 3) of unit length, through places (N, 2) px."""
        flat = (np.asarray(points, np.float64) - self.matrix[:2, 2]) / self.matrix.diagonal()[:2]
        flat = undistort(flat, self.distortion)
        rays = np.concatenate([flat, np.ones((len(flat), 1))], axis=1) @ self.rotation
        return rays / np.linalg.norm(rays, axis=1, keepdims=True)

    def resized(self, size: tuple[int, int], margin_px: tuple[float, float] = (0.0, 0.0)) -> View:
        """The same view in a picture of another size; a margin on all sides shows more than the old one."""
        scale = np.divide(np.subtract(size, np.multiply(2, margin_px)), self.size)
        matrix = self.matrix.copy()
        matrix[:2, 2] = (matrix[:2, 2] + 0.5) * scale - 0.5 + margin_px
        matrix[0, 0] *= scale[0]
        matrix[1, 1] *= scale[1]
        return replace(self, matrix=matrix, size=size)


@dataclass(frozen=True)
class Camera:
    """A shot's camera.

    Attributes:
        world: camera-to-world matrices, (N, 4, 4) float64, one a frame, rotation and metres.
        focal_mm: (N,) float64.
        film_back_mm: width and height of the film back.
        size: of the picture, px.
        fps: frames a second, exact.
        first_frame: the number that files give to the first frame.
        shift_mm: where the axis meets the film back: right and up of its centre.
        distortion: k1, k2, p1, p2, k3; see `View`.

    Raises:
        InvalidCamera: these numbers cannot be a camera's.
    """

    world: Matrix
    focal_mm: Points
    film_back_mm: tuple[float, float]
    size: tuple[int, int]
    fps: Fraction
    first_frame: int = 0
    shift_mm: tuple[float, float] = (0.0, 0.0)
    distortion: tuple[float, ...] = (0.0,) * 5
    name: str = field(default="camera", compare=False)

    def __post_init__(self) -> None:
        world, focal = np.asarray(self.world, np.float64), np.asarray(self.focal_mm, np.float64)
        object.__setattr__(self, "world", world)
        object.__setattr__(self, "focal_mm", focal)
        if world.ndim != 3 or world.shape[1:] != (4, 4) or len(world) == 0 or focal.shape != world.shape[:1]:
            raise InvalidCamera("A camera needs one 4x4 matrix and one focal length a frame.")
        if not (np.isfinite(world).all() and np.isfinite(focal).all()):
            raise InvalidCamera("The camera holds numbers that are not finite.")
        turn = world[:, :3, :3]
        crooked = np.abs(turn @ turn.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2)) > 1e-4
        if crooked.any() or (np.linalg.det(turn) < 0).any():
            raise InvalidCamera("A camera's matrix must turn and move, not scale, shear or mirror.")
        if (focal <= 0).any() or min(self.film_back_mm) <= 0 or min(self.size) < 1 or self.fps <= 0:
            raise InvalidCamera("Focal length, film back, picture size and frame rate must be above zero.")
        if len(self.distortion) != 5:
            raise InvalidCamera("Distortion is five numbers: k1, k2, p1, p2, k3.")

    def __len__(self) -> int:
        return len(self.world)

    @property
    def pixels_per_mm(self) -> tuple[float, float]:
        return self.size[0] / self.film_back_mm[0], self.size[1] / self.film_back_mm[1]

    @property
    def field_deg(self) -> tuple[float, float]:
        """The field of view at the first frame, across and up, degrees, without distortion."""
        half = np.arctan(np.divide(self.film_back_mm, 2 * self.focal_mm[0]))
        return float(np.rad2deg(2 * half[0])), float(np.rad2deg(2 * half[1]))

    def view(self, frame: float) -> View:
        """The view at frame `frame` from 0; between frames the path is followed (slerp, straight lines).

        Times before the first and after the last frame see what these see.
        """
        place = float(np.clip(frame, 0, len(self) - 1))
        before = int(place)
        after, part = min(before + 1, len(self) - 1), place - before
        world = self.world[before] if part == 0 else blend(self.world[before], self.world[after], part)
        focal = (1 - part) * self.focal_mm[before] + part * self.focal_mm[after]
        return View(world, self._matrix(float(focal)), self.size, self.distortion)

    def resized(self, size: tuple[int, int]) -> Camera:
        """The same camera over a picture of another size and the same shape."""
        return replace(self, size=size)

    def part(self, start: int, end: int) -> Camera:
        """The frames `start` to `end`, `end` not included."""
        return replace(
            self,
            world=self.world[start:end],
            focal_mm=self.focal_mm[start:end],
            first_frame=self.first_frame + start,
        )

    def moved(self, matrix: Matrix, scale: float = 1.0) -> Camera:
        """The camera in a world that is scaled, then turned and moved by `matrix` (4, 4)."""
        world = self.world.copy()
        world[:, :3, 3] *= scale
        return replace(self, world=matrix @ world)

    def _matrix(self, focal_mm: float) -> Matrix:
        across, up = self.pixels_per_mm
        return np.array(
            [
                [focal_mm * across, 0, (self.size[0] - 1) / 2 + self.shift_mm[0] * across],
                [0, focal_mm * up, (self.size[1] - 1) / 2 - self.shift_mm[1] * up],
                [0, 0, 1],
            ]
        )


def full_frame(size: tuple[int, int]) -> tuple[float, float]:
    """A film back as wide as a full frame's, mm, in the shape of a picture of this size, px."""
    return FULL_FRAME_MM, FULL_FRAME_MM * size[1] / size[0]


def still_camera(size: tuple[int, int], frames: int = 1, **facts: Any) -> Camera:
    """A camera at the origin that looks along -Z and does not move: 35 mm on a full-frame back by default."""
    focal = facts.pop("focal_mm", 35.0)
    back = facts.pop("film_back_mm", full_frame(size))
    fps = facts.pop("fps", Fraction(24))
    world = np.tile(np.eye(4), (frames, 1, 1))
    return Camera(world, np.full(frames, float(focal)), back, size, fps, **facts)


def distort(flat: Points, coefficients: tuple[float, ...]) -> Points:
    """Brown and Conrady's distortion of (N, 2) coordinates on the plane at depth one (Brown 1966)."""
    if not any(coefficients):
        return flat
    k1, k2, p1, p2, k3 = coefficients
    x, y = flat[:, 0], flat[:, 1]
    square = x * x + y * y
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    across = x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x)
    down = y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y
    return np.stack([across, down], axis=1)


def undistort(flat: Points, coefficients: tuple[float, ...]) -> Points:
    """The inverse of `distort`, by fixed-point steps; places beyond the lens's fold come out as they went in."""
    if not any(coefficients):
        return flat
    found = flat.copy()
    for _ in range(30):
        step = distort(found, coefficients) - flat
        found = found - step
        if np.abs(step).max() < 1e-10:
            break
    astray = ~np.isfinite(found).all(axis=1) | (
        np.abs(distort(found, coefficients) - flat).max(axis=1) > 1e-4
    )
    found[astray] = flat[astray]
    return found
