"""What happens to a drawing after it is drawn: light that glows, a printer's screen of dots, the tooth of paper,
the grain of film.

All of it is done at the picture's own size, and its measures follow the picture's short side, so that a film looks
the same at 720 and at 2160 lines. A frame depends on its own pixels and its number alone.
"""

from __future__ import annotations

from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.config.style import Finish
from stylize.footage.clip import Pixels

Plane = NDArray[np.float32]

GLOWING = (0.55, 0.95)
"""Lumas between which an area begins to glow."""
GLOWS = ((1 / 90, 0.55), (1 / 32, 0.45))
"""How far light spreads, as shares of the short side, and how much of it spreads so far."""
DOTS_A_SIDE = 120
"""Rows of dots on the short side."""
SMALLEST_DOTS_PX = 4.0
TONES = ((0.16, 1.0), (0.24, 0.55), (0.40, 0.45), (0.50, 0.22), (0.68, 0.16), (0.80, 0.0))
"""How much of the paper is inked, by luma: solid black, a dark tone, a light tone, bare paper. Between them it
changes quickly, but never at once, so that an area whose light drifts does not flicker."""
TEETH = ((1 / 420, 1.0), (1 / 130, 0.5))
"""Widths of what rises from rough paper, as shares of the short side, and how high it rises."""
TOOTH, GRANULATION = 0.02, 0.12
"""How much light bare paper loses in a dip of one deviation, and how much more pigment settles there."""
GRAIN_PX = 1 / 800
"""Width of a grain, as a share of the short side."""
COARSEST = 0.035
"""Deviation of the grain at 1, where it shows most."""
SEED = 9176


def finish_look(picture: Pixels, finish: Finish, number: int) -> Pixels:
    """Glow, then screentone, then paper, then grain, each as far as the style asks for it.

    Args:
        picture: (H, W, 3) float32 RGB in [0, 1].
        number: of the frame, from which its grain follows.

    Returns:
        (H, W, 3) float32 RGB in [0, 1].
    """
    printed = screened(glowing(picture, finish.glow), finish.screentone)
    return grained(on_paper(printed, finish.paper), finish.grain, number)


def glowing(picture: Pixels, amount: float) -> Pixels:
    """Bright areas spread their light over what is around them, as through a diffusion filter."""
    if amount == 0:
        return picture
    height, width = picture.shape[:2]
    short = min(height, width)
    low, high = GLOWING
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    bright = np.clip((luma - low) / (high - low), 0, 1)
    light = cv2.multiply(picture, cv2.merge([bright * bright * (3 - 2 * bright)] * 3))
    quarter = (max(1, width // 4), max(1, height // 4))
    small = cv2.resize(light, quarter, interpolation=cv2.INTER_AREA)
    spread = np.zeros_like(small)
    for reach, share in GLOWS:
        cv2.scaleAdd(cv2.GaussianBlur(small, (0, 0), max(0.5, reach * short / 4)), share, spread, dst=spread)
    glow = cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - (1 - picture) * (1 - np.float32(amount) * np.clip(glow, 0, 1)), np.float32)


def screened(picture: Pixels, amount: float) -> Pixels:
    """The picture printed in black ink: its tones as dots of a screen at 45 degrees, its darkest areas solid.

    Source: amplitude-modulated screening as in Ulichney, "Digital Halftoning", 1987, with few tones, as the sheets
    of dots have them that are laid on comics.
    """
    if amount == 0:
        return picture
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    height, width = luma.shape
    period = max(SMALLEST_DOTS_PX, min(height, width) / DOTS_A_SIDE)
    at, coverage = zip(*TONES, strict=True)
    inked = np.interp(luma, at, coverage)
    levels, thresholds = _thresholds()
    over = _screen(height, width, period) - np.interp(inked, levels, thresholds)
    ink = np.clip(0.5 + over * (period / np.pi), 0, 1)
    ink = np.where(inked <= 0, 0, np.where(inked >= 1, 1, ink))
    page = (1 - ink).astype(np.float32)[..., None]
    return np.asarray(picture + np.float32(amount) * (page - picture), np.float32)


@lru_cache(2)
def _screen(height: int, width: int, period: float) -> Plane:
    """The height of the screen at every pixel, (H, W) in [-1, 1]: dots stand where it is high."""
    turn = np.float32(2 * np.pi / (period * np.sqrt(2)))
    y, x = np.ogrid[:height, :width]
    return np.asarray((np.cos((x + y) * turn) + np.cos((x - y) * turn)) / 2, np.float32)


@cache
def _thresholds() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By share of the paper that is to be inked: above which height of the screen ink is laid."""
    side = np.linspace(0, 2 * np.pi, 512, endpoint=False)
    heights = np.sort(((np.cos(side)[:, None] + np.cos(side)[None]) / 2).ravel())[::-1]
    shares = np.linspace(0, 1, 257)
    return shares, heights[np.minimum((shares * len(heights)).astype(int), len(heights) - 1)]


def on_paper(picture: Pixels, amount: float) -> Pixels:
    """The picture as paint on rough paper, which lies still: pigment settles in its dips and leaves its tops.

    The density of the paint, by Beer's law the logarithm of what light it lets through, changes with the paper's
    height; bare paper only loses a little light in its dips. Source: Bousseau et al., "Interactive Watercolor
    Rendering with Temporal Coherence and Abstraction", NPAR 2006.
    """
    if amount == 0:
        return picture
    height = cv2.merge([np.float32(amount) * _paper(*picture.shape[:2])] * 3)
    lighter = cv2.addWeighted(cv2.log(np.maximum(picture, 1e-3)), -GRANULATION, picture, 0, TOOTH)
    return np.clip(picture * (1 + height * lighter), 0, 1, dtype=np.float32)


@lru_cache(2)
def _paper(height: int, width: int) -> Plane:
    """The height of rough paper at every pixel, (H, W), mean 0, deviation 1."""
    rng, rough = np.random.default_rng(SEED), np.zeros((height, width), np.float32)
    for share, rise in TEETH:
        size = max(1.0, min(height, width) * share)
        shape = max(2, round(height / size)), max(2, round(width / size))
        bumps = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.8)
        bumps = cv2.resize(bumps, (width, height), interpolation=cv2.INTER_CUBIC)
        cv2.scaleAdd(bumps, rise / max(float(bumps.std()), 1e-6), rough, dst=rough)
    return np.asarray((rough - rough.mean()) / max(float(rough.std()), 1e-6), np.float32)


def grained(picture: Pixels, amount: float, number: int) -> Pixels:
    """The grain of film, other in every frame: strongest in the middle tones, none in white and black."""
    if amount == 0:
        return picture
    height, width = picture.shape[:2]
    size = max(1.0, min(height, width) * GRAIN_PX)
    rng = np.random.default_rng((SEED, number))
    grains = rng.standard_normal((round(height / size), round(width / size)), dtype=np.float32)
    soft = cv2.GaussianBlur(grains, (0, 0), 0.6)
    noise = np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    strength = np.float32(COARSEST * amount / max(float(noise.std()), 1e-6))
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    shown = cv2.multiply(strength * noise, cv2.sqrt(np.clip(4 * luma * (1 - luma), 0, 1)))
    return np.asarray(np.clip(cv2.add(picture, cv2.merge([shown] * 3)), 0, 1), np.float32)
