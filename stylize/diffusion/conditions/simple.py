"""Conditions that need no weights."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.diffusion.conditions import _controlnet_aux
from stylize.diffusion.conditions.annotators import run_annotator
from stylize.footage.clip import Pixels


def tile(plate: Pixels) -> Pixels:
    """The plate as it is."""
    return plate


def canny(plate: Pixels, low: int = 100, high: int = 200) -> Pixels:
    """White edges on black. Source: Canny, "A Computational Approach to Edge Detection", PAMI 1986."""
    levels = np.rint(np.clip(plate, 0, 1) * 255).astype(np.uint8)
    edges = cv2.Canny(levels, low, high).astype(np.float32) / 255
    return np.repeat(edges[..., None], 3, axis=2)


def lineart_standard(plate: Pixels) -> Pixels:
    """White lines on black by controlnet-aux's difference of Gaussians."""
    return run_annotator(_controlnet_aux.package().LineartStandardDetector(), plate)


WEIGHTLESS = {"tile": tile, "canny": canny, "lineart_standard": lineart_standard}
