"""Shadows that the subject throws on the screen, kept as a plane that darkens a backdrop."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane
from compositing.screen.colour import ScreenColour
from compositing.screen.fill import NOTHING, fill

COARSE = 4
ROUNDS = 6
SLACK = 0.04
"""Unevenness, as a share, that is no shadow: wrinkles and noise."""


def shadow(light: Image, bare: Plane, colour: ScreenColour) -> Plane:
    """What is left of a backdrop's light where the screen lies in shadow: (height, width) in [0, 1].

    The screen's light without shadows is a quadratic in x and y (its logarithm), fitted to the brighter part of
    the bare screen by reweighting; a shadow is what falls short of it. Under the subject it is filled from
    around. A shadow that covers most of the screen is taken for its light.

    Args:
        light: scene-linear RGB, (height, width, 3).
        bare: boolean, the sure screen.
    """
    rows, columns = bare.shape
    size = (max(1, columns // COARSE), max(1, rows // COARSE))
    small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    seen = cv2.resize(bare.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    if seen.sum() < 50:
        return np.ones((rows, columns), np.float32)
    kappa = np.log(np.maximum(colour.difference(small), np.float32(1e-4)))
    full = _surface(kappa, seen)
    left = np.exp(np.minimum(kappa - full + np.float32(SLACK), 0))
    spread = fill(
        cv2.merge([left, left, left]), cv2.GaussianBlur(seen.astype(np.float32), (0, 0), 1.5) * seen
    )
    smooth = cv2.GaussianBlur(spread[..., 0], (0, 0), 2)
    return np.clip(cv2.resize(smooth, (columns, rows), interpolation=cv2.INTER_LINEAR), 0, 1)


def _surface(values: Plane, seen: Plane) -> Plane:
    rows, columns = values.shape
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    inside, known = terms[seen], values[seen]
    weights = np.ones_like(known)
    coefficients = np.zeros(6, np.float32)
    for _ in range(ROUNDS):
        weighted = inside * weights[:, None]
        coefficients = np.linalg.solve(inside.T @ weighted + NOTHING * np.eye(6), weighted.T @ known)
        short = known - inside @ coefficients
        weights = np.where(short < 0, np.exp(short / np.float32(0.5 * SLACK)), 1).astype(np.float32)
    return np.asarray(terms @ coefficients, np.float32)
