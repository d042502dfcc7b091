"""The whole drawing: smooth, flatten, tone, ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.finish.ink import ink_lines
from training.base.classical.flats import flat_areas
from training.base.classical.l0 import smooth_l0


@dataclass(frozen=True)
class Manner:
    """How a frame is drawn."""

    smooth: float = 0.015
    """Weight of one gradient in the smoothing (lambda)."""
    area_px: int = 200
    """Mean size of the superpixels that areas are merged from."""
    alike: float = 8.0
    """Areas nearer than this in CIE Lab become one flat."""
    line_sigma: float = 1.0
    """Half-width of the ink lines, px."""
    saturation: float = 1.15
    lift: float = 0.8
    """Exponent on the value: below 1 the picture brightens, as painted cels are."""


@dataclass(frozen=True)
class Drawing:
    """A drawing in its two layers, so that ink and paint can be varied apart.

    `paint` is (H, W, 3) float32 RGB in [0, 1]; `paper` is (H, W) float32, 1 for paper and 0 for ink.
    """

    paint: NDArray[np.float32]
    paper: NDArray[np.float32]

    def together(self, ink: float = 0.9) -> NDArray[np.float32]:
        """The paint under the lines; full ink darkens it by `ink`."""
        return self.paint * (1 - ink * (1 - self.paper[..., None]))


def draw(photo: NDArray[np.float32], manner: Manner | None = None) -> Drawing:
    """Draws a photograph: flat colour areas under ink lines.

    Args:
        photo: (H, W, 3) float32 RGB in [0, 1].
        manner: how it is drawn.

    Returns:
        The drawing, of the photograph's size.
    """
    manner = manner or Manner()
    clean = np.asarray(cv2.bilateralFilter(photo, 0, 0.08, 2.5), np.float32)
    smooth = smooth_l0(clean, manner.smooth)
    areas = max(100, photo.shape[0] * photo.shape[1] // manner.area_px)
    flats = 0.85 * flat_areas(smooth, areas, alike=manner.alike) + 0.15 * smooth
    paper = ink_lines(np.asarray(cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY), np.float32), manner.line_sigma)
    return Drawing(_grade(flats, manner), paper)


def _grade(flats: NDArray[np.float32], manner: Manner) -> NDArray[np.float32]:
    """More colour and more light, as cel paint has."""
    hsv = cv2.cvtColor(np.clip(flats, 0, 1), cv2.COLOR_RGB2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * manner.saturation, 0, 1)
    hsv[..., 2] = np.clip(hsv[..., 2], 0, 1) ** manner.lift
    return np.clip(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), 0, 1)
