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
SPARSE, DENSE = 0.2, 0.36
"""Share of ink around a line above which lines are lightened, and at which they have half of their strength."""
MARK_PX = 7
"""Dark marks are narrower than this, px."""
MARK_DEPTH = (0.07, 0.16)
"""How much darker than its surroundings a mark is at which it begins to be inked, and is inked in full."""
MARK_DENSITY = (0.14, 0.26)
"""Share of marks around at which they begin to be taken for texture, and are left out."""
LEAST_MARK_PX = 4
"""Marks of a smaller area are left out."""
COLOUR_UNIT = 160.0
"""Of the sum of a and b that counts as much as the whole range of the luma."""
NEAR_PX = 15
"""A square of this side around a line of the luma takes no line of colour."""
CONTRAST_PX = 10.0
"""Over how many px the contrast is measured that faint edges are raised by."""
FULL_CONTRAST, FAINTEST, MOST_GAIN = 0.14, 0.012, 3.6
"""Standard deviations that are left as they are, and below which nothing is an edge; the largest raise."""


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
    raised = raise_faint_edges(grey)
    lines = edge_lines(raised, clean, settings.line_sigma)
    ink = np.maximum(lighten_dense_lines(lines), dark_marks(raised))
    return Cels(photo, two, three, painted=two, ink=line_weights(ink))


def lighten_dense_lines(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lightens lines where there are too many: an edge detector outlines every leaf and pebble, and no inker does.

    Args:
        ink: coverage of the lines, (H, W) in [0, 1].
    """
    density = cv2.GaussianBlur(ink, (0, 0), DENSITY_SIGMA_PX)
    return np.asarray(ink * np.clip(1 - 0.5 * (density - SPARSE) / (DENSE - SPARSE), 0.15, 1), np.float32)


def edge_lines(grey: NDArray[np.float32], clean: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Coverage of the lines along edges of the luma, and along those of colour where the luma has none near.

    Args:
        grey: the luma without grain, its faint edges raised, (H, W) in [0, 1].
        clean: the picture without grain, (H, W, 3) in [0, 1].
        sigma: half-width of the lines, px.
    """
    of_luma = 1 - ink_lines(grey, sigma)
    lab = np.asarray(cv2.cvtColor(clean, cv2.COLOR_RGB2LAB), np.float32)
    colour = np.clip(0.5 + (lab[..., 1] + lab[..., 2]) / COLOUR_UNIT, 0, 1).astype(np.float32)
    of_colour = 1 - ink_lines(colour, sigma)
    near = cv2.dilate((of_luma > 0.3).astype(np.float32), np.ones((NEAR_PX, NEAR_PX), np.uint8))
    apart = cv2.GaussianBlur(1 - near, (0, 0), 1.0)
    return np.asarray(np.maximum(of_luma, of_colour * apart), np.float32)


def raise_faint_edges(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raises the contrast where there is little of it, and leaves grain alone: an inker outlines a pale dog on a
    pale floor as any other.

    Args:
        grey: the luma without grain, (H, W) in [0, 1].
    """
    mean = cv2.GaussianBlur(grey, (0, 0), CONTRAST_PX)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(grey * grey, (0, 0), CONTRAST_PX) - mean * mean, 0))
    gain = np.clip(FULL_CONTRAST / np.maximum(spread, 1e-4), 1, MOST_GAIN)
    gain = 1 + (gain - 1) * np.clip((spread - FAINTEST) / FAINTEST, 0, 1)
    return np.asarray(mean + gain * (grey - mean), np.float32)


def dark_marks(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Ink for small dark things that stand alone: the eyes and the mouth of a small face, buttons, creases.

    Edge lines leave them out as specks. Where many stand together they are texture, and left out here too.

    Args:
        grey: the luma without grain, (H, W) in [0, 1].

    Returns:
        Coverage, (H, W) in [0, 1].
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (MARK_PX, MARK_PX))
    depth = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, disc)
    marks = np.clip((depth - MARK_DEPTH[0]) / (MARK_DEPTH[1] - MARK_DEPTH[0]), 0, 1)
    density = cv2.GaussianBlur(marks, (0, 0), DENSITY_SIGMA_PX)
    alone = np.clip((MARK_DENSITY[1] - density) / (MARK_DENSITY[1] - MARK_DENSITY[0]), 0, 1)
    return np.asarray(_without_specks(marks * alone), np.float32)


def _without_specks(marks: NDArray[np.float32]) -> NDArray[np.float32]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats((marks > 0.3).astype(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= LEAST_MARK_PX
    kept[0] = False
    return marks * cv2.dilate(kept[labels].astype(np.float32), np.ones((3, 3), np.uint8))


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
