"""A screen as stages have it: lit unevenly, wrinkled, marked with crosses, and seen by a camera that may move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from compositing.colour import Image


@dataclass(frozen=True)
class Cloth:
    """A screen's colour (scene-linear RGB) and what is wrong with it; each from 0, not at all."""

    colour: tuple[float, float, float] = (0.06, 0.38, 0.08)
    gradient: float = 0.0
    wrinkles: float = 0.0
    marks: bool = False
    drift: float = 0.0
    """Relative change of its light over the shot."""
    seed: int = 1


@dataclass
class Screen:
    """A cloth of twice the frame's size, of which the camera sees the middle."""

    cloth: Cloth
    width: int
    height: int

    def frame(self, t: float, pan_px: tuple[float, float] = (0.0, 0.0), turn: float = 0.0) -> Image:
        """The clean screen at frame t, (height, width, 3) scene-linear, the camera moved by `pan_px` and
        rolled by `turn` radians."""
        cos, sin = np.cos(turn), np.sin(turn)
        middle = np.array([self.width, self.height], np.float32) / 2
        rotation = np.array([[cos, -sin], [sin, cos]], np.float32)
        shift = middle * 2 + np.asarray(pan_px, np.float32) - rotation @ middle
        matrix = np.column_stack([rotation, shift])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        view = cv2.warpAffine(self._cloth, matrix, (self.width, self.height), flags=flags)
        breath = 1 + self.cloth.drift * np.sin(t / 5) * np.array([0.6, 1.0, 0.8], np.float32)
        return np.maximum(view * breath.astype(np.float32), 0.001)

    @cached_property
    def _cloth(self) -> Image:
        rows, columns = 2 * self.height, 2 * self.width
        rng = np.random.default_rng(self.cloth.seed)
        y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
        light = np.exp(-self.cloth.gradient * ((x - 0.25) ** 2 * 2.2 + (y + 0.2) ** 2 * 3))
        folds = np.zeros_like(x)
        for _ in range(14):
            angle, frequency = rng.uniform(-0.4, 0.4), rng.uniform(8, 40)
            wave = np.sin(frequency * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0, 6))
            spot = np.exp(-((x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-1, 1)) ** 2) / 0.12)
            folds += wave * spot
        light = light * (1 + self.cloth.wrinkles * folds)
        cloth = light[..., None] * np.asarray(self.cloth.colour, np.float32)
        # The light that a fold or a corner loses is not only darker: it is the room's, less of the screen's.
        cloth += self.cloth.gradient * (1 - light[..., None]) * np.array([0.012, 0.01, 0.015], np.float32)
        if self.cloth.marks:
            self._draw_marks(cloth)
        return cv2.GaussianBlur(cloth, (0, 0), 0.7)

    def _draw_marks(self, cloth: Image) -> None:
        pitch, arm = self.height // 3, max(3, self.height // 45)
        for row, y in enumerate(range(pitch // 2, cloth.shape[0], pitch)):
            for x in range(pitch // 2 + (row % 2) * pitch // 2, cloth.shape[1], pitch):
                colour = tuple(float(v) for v in cloth[y, x] * 0.62)
                cv2.line(cloth, (x - arm, y), (x + arm, y), colour, max(2, arm // 2), cv2.LINE_AA)
                cv2.line(cloth, (x, y - arm), (x, y + arm), colour, max(2, arm // 2), cv2.LINE_AA)
