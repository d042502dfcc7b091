"""The whole drawing: smooth, tone, ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.finish.ink import ink_lines
from training.base.cels import Cels
from training.base.classical.l0 import smooth_l0
from training.base.classical.tones import lay_tones

TANGLE_PX = 8.0
SPARSE, DENSE = 0.24, 0.44
"""Share of ink around a line from which inkers begin to leave lines out, and where half of them are gone."""


@dataclass(frozen=True)
class Manner:
    """How a frame is drawn."""

    smooth: float = 0.01
    """Weight of one gradient in the smoothing (lambda)."""
    harden: float = 0.004
    """The same once the tones are laid: what is left of soft steps becomes hard or goes."""
    line_sigma: float = 1.0
    """Half-width of the ink lines, px."""


def draw(photo: NDArray[np.float32], manner: Manner | None = None) -> Cels:
    """Draws a photograph: flat tones under ink lines.

    Args:
        photo: (H, W, 3) float32 RGB in [0, 1].
        manner: how it is drawn.

    Returns:
        The cels of the drawing, in the photograph's own colours; its background is painted like all else.
    """
    manner = manner or Manner()
    clean = np.asarray(cv2.bilateralFilter(photo, 0, 0.08, 2.5), np.float32)
    smooth = smooth_l0(clean, manner.smooth)
    two, three = (_rounded(smooth_l0(laid, manner.harden)) for laid in lay_tones(smooth, 2, 3))
    grey = np.asarray(cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY), np.float32)
    return Cels(photo, two, three, two, weigh(untangle(1 - ink_lines(grey, manner.line_sigma))))


def untangle(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lightens lines where there are too many: foliage and gravel are a tangle to an edge detector, and no
    inker outlines every leaf. `ink` is coverage, (H, W) in [0, 1]."""
    density = cv2.GaussianBlur(ink, (0, 0), TANGLE_PX)
    return np.asarray(ink * np.clip(1 - 0.5 * (density - SPARSE) / (DENSE - SPARSE), 0.15, 1), np.float32)


def weigh(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same lines thin, medium and thick, (H, W, 3): half a pixel less and more on both sides."""
    twice = cv2.resize(ink, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    thin, thick = cv2.erode(twice, cross), cv2.dilate(twice, cross)
    small = [cv2.resize(each, ink.shape[::-1], interpolation=cv2.INTER_AREA) for each in (thin, thick)]
    return np.clip(cv2.merge([small[0], ink, small[1]]), 0, 1)


def _rounded(flats: NDArray[np.float32]) -> NDArray[np.float32]:
    """A median rounds the corners of areas and a touch of blur anti-aliases them."""
    rounded = cv2.medianBlur((flats * 255).round().astype(np.uint8), 5).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(rounded, (0, 0), 0.6), np.float32)
