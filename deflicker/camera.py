"""The motion of the picture as a whole: what a wall does of which the photograph shows nothing but grain.

A search has nothing to hold on to there, and follows the grain: a drawing carried along would creep, and
no trail would ever return to where it came from.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Field
from deflicker.warp import grid

EVERY_PX = 6
"""Of the points that are asked how they move."""
SLOPE = 8.0
"""Of the luma blurred, in 8-bit levels a pixel: those with less say nothing of their motion."""
FEWEST = 40
"""With fewer points the picture stands still."""
AGREES_PX = 0.75
"""Points that miss the common motion by more move on their own."""


def camera_motion(here: np.ndarray, flow: Field) -> Field:
    """The affine motion that most of the points with texture share (RANSAC; the same points give the same bits).

    Args:
        here: the photographed frame, (height, width, 3) uint8 RGB.
        flow: from it to another one, (height, width, 2) float32 px.

    Returns:
        (height, width, 2) float32 px; 0 where too few points tell.
    """
    luma = cv2.GaussianBlur(cv2.cvtColor(here, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.5)
    slope = cv2.magnitude(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)) / 8
    positions = grid(*luma.shape)
    told = slope[::EVERY_PX, ::EVERY_PX] > SLOPE / 4
    points = positions[::EVERY_PX, ::EVERY_PX][told]
    if len(points) < FEWEST:
        return np.zeros_like(flow)
    arrived = points + flow[::EVERY_PX, ::EVERY_PX][told]
    matrix, _ = cv2.estimateAffine2D(points, arrived, ransacReprojThreshold=AGREES_PX)
    if matrix is None:
        return np.zeros_like(flow)
    return cv2.subtract(cv2.transform(positions, matrix.astype(np.float32)), positions)
