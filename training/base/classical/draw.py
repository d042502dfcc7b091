"""A drawing of a photograph: smoothed, divided into flat tones, and inked."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.finish.ink import ink_lines
from training.base.cels import Cels
from training.base.classical.l0 import smooth_l0
from training.base.classical.tones import flat_tones

DENSITY_SIGMA_PX = 8.0
SPARSE, DENSE = 0.24, 0.44
"""Share of ink around a line above which lines are lightened, and at which they have half of their strength."""


@dataclass(frozen=True)
class ClassicalSettings:
    """How a photograph is drawn.

    Attributes:
        smooth: weight of a gradient in the smoothing of the photograph (lambda of `smooth_l0`).
        harden: the same in the smoothing of the flat tones, which turns soft steps into hard ones or removes them.
        line_sigma: half-width of the ink lines, px.
    """

    smooth: float = 0.01
    harden: float = 0.004
    line_sigma: float = 1.0


def draw_classical(photo: NDArray[np.float32], settings: ClassicalSettings | None = None) -> Cels:
    """Draws a photograph: flat tones under ink lines.

    Args:
        photo: (H, W, 3) float32 RGB in [0, 1].

    Returns:
        The cels of the drawing, in the photograph's own colours; its background is painted like all else.
    """
    settings = settings or ClassicalSettings()
    clean = np.asarray(cv2.bilateralFilter(photo, 0, 0.08, 2.5), np.float32)
    smooth = smooth_l0(clean, settings.smooth)
    two, three = (_rounded(smooth_l0(tones, settings.harden)) for tones in flat_tones(smooth, 2, 3))
    grey = np.asarray(cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY), np.float32)
    ink = lighten_dense_lines(1 - ink_lines(grey, settings.line_sigma))
    return Cels(photo, two, three, painted=two, ink=line_weights(ink))


def lighten_dense_lines(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lightens lines where there are too many: an edge detector outlines every leaf and pebble, and no inker does.

    Args:
        ink: coverage of the lines, (H, W) in [0, 1].
    """
    density = cv2.GaussianBlur(ink, (0, 0), DENSITY_SIGMA_PX)
    return np.asarray(ink * np.clip(1 - 0.5 * (density - SPARSE) / (DENSE - SPARSE), 0.15, 1), np.float32)


def line_weights(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same lines thin, medium and thick, (H, W, 3): half a pixel less and more on both sides."""
    twice = cv2.resize(ink, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    thin, thick = cv2.erode(twice, cross), cv2.dilate(twice, cross)
    small = [cv2.resize(each, ink.shape[::-1], interpolation=cv2.INTER_AREA) for each in (thin, thick)]
    return np.clip(cv2.merge([small[0], ink, small[1]]), 0, 1)


def _rounded(flats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Flat areas with rounded corners, by a median, and anti-aliased edges, by a slight blur."""
    rounded = cv2.medianBlur((flats * 255).round().astype(np.uint8), 5).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(rounded, (0, 0), 0.6), np.float32)
