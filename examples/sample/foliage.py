"""Trees and shrubs as flat cut-outs, drawn leaf by leaf and lit by the scene's sun."""

from __future__ import annotations

import cv2
import numpy as np

from .texture import Floats, vec

_LEAF = vec([[-1.0, 0.0], [-0.3, 0.45], [0.45, 0.35], [1.0, 0.0], [0.45, -0.35], [-0.3, -0.45]])
_SHIFT = 4
"""Sub-pixel bits for OpenCV's polygons."""


def foliage(
    size_m: tuple[float, float],
    px_per_m: int,
    seed: int,
    *,
    trunk: bool = True,
    crown: tuple[float, float, float, float] = (0.5, 0.62, 0.47, 0.36),
    puffs: int = 60,
    leaves: int = 220,
    leaf_m: float = 0.09,
    hue: tuple[float, float, float] = (0.11, 0.19, 0.032),
) -> Floats:
    """A plant, (H, W, 4) float32: premultiplied linear RGB as lit by the sun from the upper left, alpha.

    Args:
        size_m: width and height in metres.
        crown: centre x, centre y (up) and radii of the leafy ellipse, in parts of the size.
        puffs, leaves: clusters in the crown, leaves in each.
    """
    rng = np.random.default_rng(seed)
    width, height = round(size_m[0] * px_per_m), round(size_m[1] * px_per_m)
    picture = np.zeros((height, width, 3), np.float32)
    alpha = np.zeros((height, width), np.float32)
    centre = vec([crown[0] * width, (1 - crown[1]) * height])
    radii = vec([crown[2] * width, crown[3] * height])
    if trunk:
        _wood(picture, alpha, rng, centre, radii, size_m, px_per_m)

    directions = rng.normal(size=(puffs, 3)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    places = directions * (rng.random((puffs, 1), dtype=np.float32) ** 0.4) * 0.8
    sun = vec([-0.62, -0.62, 0.48])
    for place in places[np.argsort(places[:, 2])]:
        middle = centre + place[:2] * radii
        reach = radii.min() * rng.uniform(0.2, 0.34)
        offset = rng.normal(size=(leaves, 3)).astype(np.float32)
        offset /= np.maximum(np.linalg.norm(offset, axis=1, keepdims=True), 1e-3)
        offset *= rng.random((leaves, 1), dtype=np.float32) ** 0.45
        offset = offset[np.argsort(offset[:, 2])]
        facing = 0.5 + 0.5 * (0.65 * offset + 0.5 * place) @ sun
        for where, lit in zip(offset, facing, strict=True):
            _leaf(picture, alpha, rng, middle + where[:2] * reach * (1.25, 0.85), leaf_m * px_per_m, lit, hue)
    soft = cv2.GaussianBlur(np.dstack([picture, alpha]), (0, 0), 0.6)
    return np.asarray(soft, np.float32)


def _leaf(
    picture: Floats,
    alpha: Floats,
    rng: np.random.Generator,
    at: Floats,
    length: float,
    lit: float,
    hue: tuple[float, float, float],
) -> None:
    angle = rng.normal(0.6, 0.9)
    turn = vec([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    squash = rng.uniform(0.35, 1.0)
    outline = (_LEAF * (1, squash)) @ turn.T * (0.5 * length * rng.uniform(0.7, 1.25)) + at
    light = 0.16 + 1.9 * np.clip(lit, 0, 1) ** 2.2 * rng.uniform(0.45, 1.25)
    glow = rng.uniform(0.85, 1.3)
    colour = vec(hue) * light * (glow, 1.0, 0.9) + vec([0.012, 0.02, 0.03]) * (0.4 + lit)
    points = np.round(outline * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(picture, [points], [float(c) for c in colour], shift=_SHIFT)
    cv2.fillPoly(alpha, [points], 1.0, shift=_SHIFT)


def _wood(
    picture: Floats,
    alpha: Floats,
    rng: np.random.Generator,
    centre: Floats,
    radii: Floats,
    size_m: tuple[float, float],
    px_per_m: int,
) -> None:
    """A trunk and a few boughs that reach into the crown, bark lit from the left."""
    height = picture.shape[0]
    foot = vec([centre[0], height])
    fork = vec([centre[0] + rng.normal(0, 0.02) * radii[0], centre[1] + 0.55 * radii[1]])
    thick = 0.026 * size_m[1] * px_per_m
    limbs = [(foot, fork, thick)]
    for _ in range(7):
        tip = centre + rng.uniform(-0.7, 0.7, 2).astype(np.float32) * radii
        limbs.append((fork, tip, thick * 0.45))
    for start, end, width in limbs:
        steps = max(2, int(np.linalg.norm(end - start)))
        for part in np.linspace(0, 1, steps, dtype=np.float32):
            x, y = start + (end - start) * part
            half = width * (0.62 - 0.3 * part) * (1 + 0.5 * np.exp(-part * 14) * (width == thick))
            for side in np.arange(-half, half + 0.5):
                bark = 0.055 + 0.1 * np.clip(-side / max(half, 1), -0.4, 1) + rng.normal(0, 0.016)
                column, row = int(x + side), int(y)
                if 0 <= row < height and 0 <= column < picture.shape[1]:
                    picture[row, column] = np.maximum(bark, 0.012) * vec([1.15, 0.95, 0.75])
                    alpha[row, column] = 1
