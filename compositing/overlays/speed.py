"""Speed lines: strokes that gather around a centre, or run across the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compositing.colour import Image, Plane
from compositing.overlays.base import ALWAYS, OverlayContext, Span, place_of


@dataclass(frozen=True)
class SpeedLines:
    """Attributes:
    at: what the lines gather around, as in `place_of`; without meaning for parallel lines.
    angle_deg: None for lines around a centre; else their direction, counterclockwise from the right.
    count: strokes around the circle, or across the picture.
    clear: how much of the half picture stays free around the centre (or of its height, around the middle).
    width: of a stroke, in parts of the space between two.
    colour: scene-linear.
    opacity: 0 to 1.
    hold: frames that one drawing of the lines is held: 2 is on twos.
    over: whether the lines lie over the subject too.
    seed: another seed, other lines.
    """

    at: tuple[float, ...] = (0.5, 0.5)
    angle_deg: float | None = None
    count: int = 120
    clear: float = 0.55
    width: float = 0.5
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    opacity: float = 0.85
    hold: int = 2
    over: bool = False
    seed: int = 0
    span: Span = ALWAYS

    def apply(self, light: Image, context: OverlayContext) -> Image:
        strength = self.opacity * self.span.at(context.frame)
        if strength <= 0:
            return light
        rng = np.random.default_rng((self.seed, context.frame // max(self.hold, 1)))
        ink = np.float32(strength) * (
            self._around(light, context, rng) if self.angle_deg is None else self._along(light, rng)
        )
        if context.alpha is not None and not self.over:
            ink = ink * (1 - context.alpha)
        return np.asarray(light + ink[..., None] * (np.array(self.colour, np.float32) - light), np.float32)

    def _around(self, light: Image, context: OverlayContext, rng: np.random.Generator) -> Plane:
        """Wedges that point to the centre: thin inside, wider outside."""
        height, width = light.shape[:2]
        x, y = place_of(self.at, light, context.view)
        across = (np.arange(width, dtype=np.float32) - np.float32(x))[None]
        down = (np.arange(height, dtype=np.float32) - np.float32(y))[:, None]
        away = np.hypot(across * np.float32(height / width), down)  # an ellipse of the picture's shape
        turn = (np.arctan2(down, across) / np.float32(2 * np.pi) + np.float32(0.5)) * self.count
        starts, widths = self._strokes(rng)
        number, beside = self._places(turn, widths, rng)
        begin = starts[number] * np.float32(height / 2)
        grown = np.clip((away - begin) / np.float32(0.4 * height), 0, 1)
        half = 0.5 * widths[number] * grown
        pixel = np.float32(self.count / (2 * np.pi)) / np.maximum(
            np.hypot(across, down), 1
        )  # one pixel, as a turn
        return np.asarray(np.clip((half - beside) / pixel + 0.5, 0, 1) * (grown > 0), np.float32)

    def _along(self, light: Image, rng: np.random.Generator) -> Plane:
        """Strokes in one direction, each beginning somewhere along it, thinning out towards both ends."""
        assert self.angle_deg is not None
        height, width = light.shape[:2]
        angle = np.deg2rad(self.angle_deg)
        x = (np.arange(width, dtype=np.float32) - np.float32(width / 2))[None]
        y = (np.arange(height, dtype=np.float32) - np.float32(height / 2))[:, None]
        along = x * np.float32(np.cos(angle)) - y * np.float32(np.sin(angle))
        aside = x * np.float32(np.sin(angle)) + y * np.float32(np.cos(angle))
        reach = np.float32(np.hypot(width, height) / 2)
        turn = (aside / (2 * reach) + 0.5) * self.count
        _, widths = self._strokes(rng)
        number, beside = self._places(turn, widths, rng)
        middle = rng.uniform(-1, 1, self.count).astype(np.float32)[number] * reach
        length = rng.uniform(0.25, 0.9, self.count).astype(np.float32)[number] * reach
        place = np.abs(along - middle) / length
        free = np.clip(np.abs(aside) / np.float32(height / 2) - np.float32(self.clear), 0, 1) * 4
        half = 0.5 * widths[number] * np.clip(1 - place, 0, 1) * np.clip(free, 0, 1)
        pixel = np.float32(self.count) / (2 * reach)
        return np.asarray(np.clip((half - beside) / pixel + 0.5, 0, 1) * (half > 0), np.float32)

    def _places(self, turn: Plane, widths: Plane, rng: np.random.Generator) -> tuple[Plane, Plane]:
        """Which stroke each pixel belongs to, and how far from its middle it lies, in mean spaces.

        No hand sets strokes evenly: each lies anywhere in its own space.
        """
        number = np.clip(np.floor(turn).astype(np.int32), 0, self.count - 1)
        room = np.clip(1 - widths, 0, 1)
        middle = (0.5 + room * rng.uniform(-0.5, 0.5, self.count)).astype(np.float32)
        return number, np.abs(turn - number - middle[number])

    def _strokes(self, rng: np.random.Generator) -> tuple[Plane, Plane]:
        """Where each stroke begins, in half heights, and how wide it grows; some are left out."""
        starts = self.clear + (1 - self.clear) * rng.random(self.count) ** 1.5 * 0.8
        # Strokes come in bunches: whole runs of spaces are left out.
        bunch = np.repeat(rng.random(-(-self.count // 3)) < 0.8, 3)[: self.count]
        widths = (
            self.width * rng.uniform(0.15, 1.0, self.count) ** 1.5 * ((rng.random(self.count) < 0.85) & bunch)
        )
        return starts.astype(np.float32), widths.astype(np.float32)
