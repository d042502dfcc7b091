"""What can be counted in a drawing. Pictures are (H, W, 3) float32 RGB in [0, 1]."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

Mask = NDArray[np.bool_]
AWAY_PX = 4
"""Flat areas keep this far from edges."""
BLOCK_PX, CLEAN = 24, 2.5
"""Side of the blocks in which tones are told apart, and how far a tone may waver, in levels of 255."""
LINE_PX, LINE_DEPTH = 7, 0.12
"""A line is narrower than this, and this much darker than what is on both sides."""


def cast(guess: Pixels, truth: Pixels) -> float:
    """The largest difference of mean error between two channels, in levels of 255."""
    error = (guess - truth).mean(axis=(0, 1))
    return float(error.max() - error.min()) * 255


def edges(picture: Pixels, sigma: float = 1.0) -> Mask:
    """Canny's edges of the luma, its thresholds at 40 and 100 of the 3x3 Sobel on 255 levels."""
    smooth = cv2.GaussianBlur(luma(picture), (0, 0), sigma)
    return np.asarray(cv2.Canny(np.rint(255 * smooth).astype(np.uint8), 40, 100, L2gradient=True) > 0)


def edge_f1(guess: Mask, truth: Mask, tolerance_px: float = 2.0) -> float:
    """The harmonic mean of precision and recall; an edge within the tolerance of another is found."""
    if not guess.any() or not truth.any():
        return float(guess.any() == truth.any())
    precision = _near(truth, tolerance_px)[guess].mean()
    recall = _near(guess, tolerance_px)[truth].mean()
    return float(2 * precision * recall / max(precision + recall, 1e-9))


def line_coverage(picture: Pixels) -> float:
    """The share of the picture under dark lines: what a closing fills."""
    grey = luma(picture)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((LINE_PX, LINE_PX), np.uint8))
    return float((closed - grey > LINE_DEPTH).mean())


def flat_areas(*pictures: Pixels) -> Mask:
    """Where none of the pictures has an edge near: a line that was drawn is no texture."""
    return ~np.any([_near(edges(picture, 1.5), AWAY_PX) for picture in pictures], axis=0)


def texture(picture: Pixels, where: Mask) -> float:
    """Energy of the luma's detail finer than 2 px, in levels of 255 squared, over an area."""
    grey = 255 * luma(picture)
    return float(((grey - cv2.GaussianBlur(grey, (0, 0), 2.0)) ** 2)[where].mean())


def texture_share(drawn: Pixels, source: Pixels) -> float:
    """The drawing's texture as a share of its source's, where neither has an edge near."""
    flat = flat_areas(source, drawn)
    return texture(drawn, flat) / max(texture(source, flat), 0.25)


def two_tone_share(picture: Pixels, where: Mask) -> float:
    """The share of an area that lies within two clean tones, block by block.

    Each block's luma is divided in two where the halves differ most (Otsu, 1979); a pixel within `CLEAN` of the
    middle of its half is of a clean tone. Lines are drawn over the tones, and left out. A flat surface has 1, a
    step between two tones nearly that, a gradient over 20 levels in a block less than a half.

    Returns:
        0 to 1; NaN where the area holds no block.
    """
    grey = np.rint(255 * luma(picture)).astype(np.uint8)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((LINE_PX, LINE_PX), np.uint8))
    inked = cv2.dilate((closed - grey > 255 * LINE_DEPTH).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    shares = []
    for top in range(0, grey.shape[0] - BLOCK_PX + 1, BLOCK_PX):
        for left in range(0, grey.shape[1] - BLOCK_PX + 1, BLOCK_PX):
            block = np.s_[top : top + BLOCK_PX, left : left + BLOCK_PX]
            values = grey[block][where[block] & ~inked[block]]
            if len(values) >= BLOCK_PX**2 // 2:
                shares.append(_within_two_tones(values))
    return float(np.mean(shares)) if shares else float("nan")


def _within_two_tones(values: NDArray[np.uint8]) -> float:
    step, _ = cv2.threshold(values, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    halves = [half for half in (values[values <= step], values[values > step]) if len(half)]
    clean = [np.abs(half.astype(np.float32) - np.median(half)) <= CLEAN for half in halves]
    return float(np.concatenate(clean).mean())


def structure_distance(guess: Pixels, truth: Pixels) -> float:
    """One less the multi-scale structural similarity of the luma (Wang et al., 2003, five scales), 0 to 1."""
    weights = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
    one, other, likeness = luma(guess), luma(truth), 1.0
    for scale, weight in enumerate(weights):
        light, shape = _similarity(one, other)
        likeness *= max((light * shape if scale == len(weights) - 1 else shape), 1e-6) ** weight
        one, other = _half(one), _half(other)
    return 1 - likeness


def warmth(picture: Pixels) -> float:
    """Mean red less mean blue, in levels of 255."""
    red, _, blue = picture.mean(axis=(0, 1))
    return float(red - blue) * 255


def luma(picture: Pixels) -> NDArray[np.float32]:
    """Rec. 601 luma, (H, W) in [0, 1]."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)


def _near(mask: Mask, distance_px: float) -> Mask:
    if not mask.any():
        return np.zeros_like(mask)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(away <= distance_px)


def _half(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def _similarity(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[float, float]:
    def blur(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(x, (0, 0), 1.5), np.float32)

    mean, mean2 = blur(one), blur(other)
    variance, variance2 = blur(one * one) - mean**2, blur(other * other) - mean2**2
    together = blur(one * other) - mean * mean2
    light = (2 * mean * mean2 + 1e-4) / (mean**2 + mean2**2 + 1e-4)
    shape = (2 * together + 9e-4) / (variance + variance2 + 9e-4)
    return float(light.mean()), float(shape.mean())
