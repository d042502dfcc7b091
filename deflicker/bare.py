"""The motion of parts without texture, such as a plain wall of which the photograph shows nothing but grain.

A flow search follows the grain there: a drawing warped by it would creep, and no round trip would ever return to
where it began.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Field, magnitude, slopes
from deflicker.resize import REFERENCE_HEIGHT
from deflicker.warp import grid, warp

EVERY_PX = 6
"""The grid of points from which the common motion is estimated."""
FINE, COARSE = 1.5, 5.0
"""Deviations of the Gaussians that separate texture from grain, and slow shading: px at a height of 288."""
SLOPE = 2.0
"""Of the luma, in 8-bit levels a pixel: the motion of points with less is not known."""
BESIDE_PX = 9
"""So many pixels around texture belong to it."""
CLEARLY = 0.9
"""By how much better the common motion must explain the bare parts."""
FEWEST = 40
"""With fewer points there is no common motion."""
AGREES_PX = 0.75
"""Points that miss the common motion by more move on their own."""


def calm_bare_parts(here: Guide, there: Guide, flow: Field) -> Field:
    """The flow, but what has no texture moves as most of what has it does (an affine motion), or not at all.

    Where an actor is most of what has texture, that motion is the actor's. So the bare parts, blurred until their
    slow shading is above the grain, decide between it and standing still.

    Args:
        here, there: the photographed frames, (height, width, 3) uint8 RGB.
        flow: from the one to the other, (height, width, 2) float32 px.

    Returns:
        (height, width, 2) float32 px; the same frames give the same bits.
    """
    luma = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) for frame in (here, there)]
    unit = len(here) / REFERENCE_HEIGHT
    near = cv2.GaussianBlur(luma[0], (0, 0), FINE * unit)
    slope = magnitude(*slopes(near))
    textured = (slope > SLOPE).view(np.uint8)
    bare = cv2.dilate(textured, np.ones((BESIDE_PX, BESIDE_PX), np.uint8)) == 0
    still = np.zeros_like(flow)
    moves = _common(flow, textured.view(bool))
    before, after = (cv2.GaussianBlur(each, (0, 0), COARSE * unit) for each in luma)
    misses = [float(np.abs(warp(after, each, smooth=False) - before)[bare].sum()) for each in (still, moves)]
    calm = flow.copy()
    cv2.copyTo(moves if misses[1] < CLEARLY * misses[0] else still, bare.view(np.uint8), calm)
    return calm


def _common(flow: Field, where: np.ndarray) -> Field:
    """The affine motion that most of the points `where` share (RANSAC); none where there are too few points."""
    positions = grid(*where.shape)
    used = where[::EVERY_PX, ::EVERY_PX]
    points = positions[::EVERY_PX, ::EVERY_PX][used]
    if len(points) < FEWEST:
        return np.zeros_like(flow)
    arrived = points + flow[::EVERY_PX, ::EVERY_PX][used]
    matrix, _ = cv2.estimateAffine2D(points, arrived, ransacReprojThreshold=AGREES_PX)
    if matrix is None:
        return np.zeros_like(flow)
    return cv2.subtract(cv2.transform(positions, matrix.astype(np.float32)), positions)
