"""A drawing finished as a cel: paint that is flat and full, under lines that are dark and clean."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.screen.colour import display_colour
from stylize.config.style import Finish
from stylize.finish.ink import ink_lines
from stylize.finish.paint import BLACK, Colour, deepen_lines, flatten, inked, saturate
from stylize.finish.tones import step_tones
from stylize.footage.clip import Pixels

SHORTEST_PX = 20
"""Ink strokes shorter than this are left out: blades of grass, not outlines."""
GRAIN = 0.03
"""Differences of the plate's luma up to about this are grain, and are evened out before lines are looked for."""


def finish_cel(drawn: Pixels, plate: Pixels, finish: Finish) -> Pixels:
    """Flattens the paint, gathers its shading into tones, fills the colour, deepens the lines there are, and
    lays ink along the plate's edges.

    Args:
        drawn: (h, w, 3) float32 RGB in [0, 1].
        plate: (h, w, 3), the frame of the source at the drawing's size.
        finish: what the style asks for; at zero (saturation at one) each step leaves the drawing as it is.
    """
    painted = saturate(step_tones(flatten(drawn, finish.flats), finish.tones), finish.saturation)
    colour = display_colour(finish.line_colour) if finish.line_colour else BLACK
    return lay_ink(deepen_lines(painted, finish.lines, colour), plate, finish.ink, colour)


def lay_ink(drawn: Pixels, plate: Pixels, amount: float, colour: Colour = BLACK) -> Pixels:
    """Darkens the drawing along the plate's own edges, as an inker goes over a layout."""
    if amount == 0:
        return drawn
    grey = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY)
    calm = np.asarray(cv2.bilateralFilter(grey, 5, GRAIN, 2.5), np.float32)
    paper = ink_lines(calm, shortest_px=SHORTEST_PX)
    return inked(drawn, amount * (1 - paper), colour)
