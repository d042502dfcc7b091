"""The stage: a green wall and a green floor, lit unevenly, wrinkled, with crosses of tape as tracking marks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import View

Floats = NDArray[np.float32]

WALL_Z, FLOOR_Y = -4.6, -1.35
"""Where the wall and the floor are, seen from the camera's first place at the origin."""
_PX_PER_M = 160
_WALL_M = (16.0, 7.0)
_FLOOR_M = (16.0, 12.0)
_GREEN = (0.045, 0.36, 0.085)
_TAPE = (0.012, 0.15, 0.035)
MARK_SPACING_M = 0.75
_MARK_M = 0.085
_HORIZON_M = 0.35
"""The curve between floor and wall is a soft band this wide."""


@dataclass(frozen=True)
class Stage:
    """Wall and floor as textures of scene-linear light; `seed` lays the wrinkles."""

    wall: Floats
    floor: Floats

    @classmethod
    def build(cls, seed: int = 4, *, marks: bool = True) -> Stage:
        rng = np.random.default_rng(seed)
        return cls(_wall(rng, marks), _floor(rng, marks))

    def render(self, view: View, samples: int = 2) -> Floats:
        """What the camera sees of the empty stage: (H, W, 3) float32, scene-linear; `samples` squared a pixel."""
        width, height = view.size
        fine = view.resized((width * samples, height * samples))
        x, y = np.meshgrid(np.arange(width * samples), np.arange(height * samples))
        rays = fine.rays(np.stack([x.ravel(), y.ravel()], 1))
        eye = fine.position
        with np.errstate(divide="ignore", invalid="ignore"):
            to_wall = np.where(rays[:, 2] < -1e-6, (WALL_Z - eye[2]) / rays[:, 2], np.inf)
            to_floor = np.where(rays[:, 1] < -1e-6, (FLOOR_Y - eye[1]) / rays[:, 1], np.inf)
        on_wall = to_wall <= to_floor
        points = eye + rays * np.minimum(np.minimum(to_wall, to_floor), 60.0)[:, None]
        shape = (height * samples, width * samples)
        wall = _sample(self.wall, points[:, 0] + _WALL_M[0] / 2, FLOOR_Y + _WALL_M[1] - points[:, 1], shape)
        floor = _sample(self.floor, points[:, 0] + _FLOOR_M[0] / 2, points[:, 2] - WALL_Z, shape)
        light = np.where(on_wall.reshape(*shape, 1), wall, floor)
        return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def mark_places() -> NDArray[np.float64]:
    """The middles of all tracking marks in the world, (N, 3) metres."""
    return np.concatenate(
        [
            np.array([(x, y, WALL_Z) for x, y in _wall_marks()]),
            np.array([(x, FLOOR_Y, z) for x, z in _floor_marks()]),
        ]
    )


def _wall_marks() -> list[tuple[float, float]]:
    rows = np.arange(FLOOR_Y + 0.55, FLOOR_Y + _WALL_M[1] - 0.3, MARK_SPACING_M)
    columns = np.arange(-_WALL_M[0] / 2 + 0.4, _WALL_M[0] / 2 - 0.3, MARK_SPACING_M)
    return [
        (float(x + (0.11 * k) % 0.3), float(y + 0.07 * np.sin(5 * x)))
        for k, y in enumerate(rows)
        for x in columns
    ]


def _floor_marks() -> list[tuple[float, float]]:
    rows = np.arange(WALL_Z + 0.7, WALL_Z + 5.2, 0.9)
    columns = np.arange(-_FLOOR_M[0] / 2 + 0.6, _FLOOR_M[0] / 2 - 0.4, 0.9)
    return [(float(x + (0.17 * k) % 0.4), float(z)) for k, z in enumerate(rows) for x in columns]


def _sample(
    texture: Floats, x_m: NDArray[np.float64], y_m: NDArray[np.float64], shape: tuple[int, int]
) -> Floats:
    across, down = ((each * _PX_PER_M - 0.5).reshape(shape).astype(np.float32) for each in (x_m, y_m))
    return np.asarray(cv2.remap(texture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _wall(rng: np.random.Generator, marks: bool) -> Floats:
    columns, rows = (round(side * _PX_PER_M) for side in _WALL_M)
    x = np.linspace(-_WALL_M[0] / 2, _WALL_M[0] / 2, columns, dtype=np.float32)[None]
    y = np.linspace(FLOOR_Y + _WALL_M[1], FLOOR_Y, rows, dtype=np.float32)[:, None]
    # Two lamps, one of them weaker, and a fall-off to the floor.
    light = 0.55 + 0.62 * np.exp(-(((x + 1.9) / 2.3) ** 2) - ((y - 0.7) / 1.9) ** 2)
    light = light + 0.40 * np.exp(-(((x - 2.3) / 1.7) ** 2) - ((y - 0.3) / 1.6) ** 2)
    light = light * (1 + 0.10 * _folds(rng, rows, columns))
    return _paint(
        light, [(x_m + _WALL_M[0] / 2, FLOOR_Y + _WALL_M[1] - y_m) for x_m, y_m in _wall_marks()], marks
    )


def _floor(rng: np.random.Generator, marks: bool) -> Floats:
    columns, rows = (round(side * _PX_PER_M) for side in _FLOOR_M)
    x = np.linspace(-_FLOOR_M[0] / 2, _FLOOR_M[0] / 2, columns, dtype=np.float32)[None]
    z = np.linspace(0, _FLOOR_M[1], rows, dtype=np.float32)[:, None]
    light = 0.62 + 0.30 * np.exp(-(((x + 0.5) / 3.2) ** 2) - ((z - 2.2) / 2.4) ** 2)
    light = light * (1 + 0.03 * _folds(rng, rows, columns)) * (1 - 0.25 * np.exp(-z / _HORIZON_M))
    return _paint(light, [(x_m + _FLOOR_M[0] / 2, z_m - WALL_Z) for x_m, z_m in _floor_marks()], marks)


def _folds(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    """Soft upright wrinkles, about -1 to 1."""
    noise = rng.standard_normal((rows // 40, columns // 16)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.6, sigmaY=3.0)
    return np.asarray(
        cv2.resize(soft / (2 * soft.std()), (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32
    )


def _paint(light: Floats, marks_m: list[tuple[float, float]], marks: bool) -> Floats:
    cloth = np.asarray(light, np.float32)[..., None] * np.array(_GREEN, np.float32)
    if not marks:
        return np.ascontiguousarray(cloth)
    tape = np.zeros(light.shape, np.float32)
    for number, (x, y) in enumerate(marks_m):
        middle = np.array([x, y]) * _PX_PER_M - 0.5
        for turn in (0.0, np.pi / 2):
            angle = turn + 0.3 * np.sin(1.7 * number)
            arm = np.array([np.cos(angle), np.sin(angle)]) * _MARK_M * _PX_PER_M
            ends = [tuple(int(v) for v in np.rint((middle + side * arm) * 64)) for side in (-1, 1)]
            cv2.line(tape, ends[0], ends[1], 1.0, round(0.028 * _PX_PER_M), cv2.LINE_AA, 6)
    tape = np.clip(cv2.GaussianBlur(tape, (0, 0), 0.8), 0, 1)[..., None]
    return np.ascontiguousarray(
        cloth * (1 - tape) + np.asarray(light)[..., None] * np.array(_TAPE, np.float32) * tape
    )
