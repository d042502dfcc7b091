"""Makes from a drawing something like the photograph that it might have been drawn from.

A training learns the way from a photograph to a drawing, and most drawings come without their photograph. So one is
made from each drawing: lines and paper structure removed, light made uneven, colours moved to those of footage, and
a camera's noise and compression added. It is made differently each time, so that the network learns to undo all of
it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.base.scenes import noise
from training.base.scenes.camera import Camera

Picture = NDArray[np.float32]

USUAL_MEAN = np.array([[25.0, -9.0, -12.0], [71.0, 12.0, 14.0]], np.float32)
USUAL_SPREAD = np.array([[11.0, 3.0, 4.0], [27.0, 19.0, 21.0]], np.float32)
"""The middle nine tenths of mean and standard deviation of L, a and b in photographs and rendered scenes."""


def photolike(drawing: Picture, rng: np.random.Generator) -> Picture:
    """A photograph-like picture of what a drawing shows.

    Args:
        drawing: (H, W, 3) float32 RGB in [0, 1].
        rng: the only source of randomness.

    Returns:
        A picture of the same size and range.
    """
    bare = _without_lines(drawing, rng)
    lit = _in_uneven_light(_softened(bare, rng), rng)
    coloured = _in_usual_colours(lit, rng)
    camera = Camera.draw(rng)
    depth = np.zeros(drawing.shape[:2], np.float32)
    seen = camera.through_lens(camera.grade(textured(coloured, rng)), depth)
    return np.clip(camera.record(seen, rng), 0, 1).astype(np.float32)


def _without_lines(drawing: Picture, rng: np.random.Generator) -> Picture:
    """Fills dark, narrow lines with the colours beside them, by a closing of random width; or blurs them away."""
    side = int(rng.choice([0, 1, 3, 5, 7], p=[0.25, 0.1, 0.15, 0.3, 0.2]))
    if (
        side == 0
    ):  # a closing would fill hatching with white; a blur turns it into the tone that it stands for
        return np.asarray(cv2.GaussianBlur(drawing, (0, 0), float(rng.uniform(1.3, 2.6))), np.float32)
    if side == 1:
        return drawing
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(drawing, cv2.MORPH_CLOSE, window)
    filled = np.clip(6 * ((closed - drawing).max(axis=-1, keepdims=True) - 0.05), 0, 1)
    return (drawing + (closed - drawing) * filled).astype(np.float32)


def _softened(picture: Picture, rng: np.random.Generator) -> Picture:
    """Removes paper structure, hatching and grain, and keeps the edges of shapes."""
    size = int(rng.choice([3, 5, 7]))
    levels = np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    calm = cv2.medianBlur(levels, size).astype(np.float32) / 255
    calm = np.asarray(cv2.bilateralFilter(calm, 0, float(rng.uniform(0.05, 0.2)), float(rng.uniform(1.5, 4))))
    rounded = cv2.GaussianBlur(calm, (0, 0), float(rng.uniform(2.0, 6.0)))
    return (calm + float(rng.uniform(0.0, 0.35)) * (rounded - calm)).astype(np.float32)


def _in_uneven_light(picture: Picture, rng: np.random.Generator) -> Picture:
    fall = 1 + float(rng.uniform(0, 0.16)) * _field(picture, rng, "smooth", picture.shape[0] / 160)
    return np.clip(picture * fall[..., None], 0, 1).astype(np.float32)


def _in_usual_colours(picture: Picture, rng: np.random.Generator) -> Picture:
    """Moves mean and spread of L, a and b into the range of footage, and no further than they have to go.

    A drawing in natural colours keeps them, so the network learns to keep a photograph's colours. One in black and
    white, or all in blue, gets other colours, so the network learns that palette. Source: Reinhard et al., "Color
    Transfer between Images", IEEE CG&A 2001.
    """
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), np.float32)
    grey = float(lab[..., 1:].std()) < 2.0 and float(np.abs(lab[..., 1:].mean(axis=(0, 1))).max()) < 6.0
    if grey:
        lab[..., 1:] += _any_colours(lab[..., 0], rng)
    flat = lab.reshape(-1, 3)
    mean, spread = flat.mean(axis=0), flat.std(axis=0) + 0.5
    new_mean = _within(mean, USUAL_MEAN, rng)
    new_spread = _within(spread, USUAL_SPREAD, rng)
    moved = (lab - mean) * np.clip(new_spread / spread, 0.25, 4.0) + new_mean
    moved[..., 0] = np.clip(moved[..., 0], 0, 100)
    return np.clip(cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB), 0, 1)


def _within(
    value: NDArray[np.float32], usual: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Each value as it is where it lies in the usual range, else any value of the range; then moved a little."""
    low, high = usual
    inside = (value >= low) & (value <= high)
    moved = np.where(inside, value, rng.uniform(low, high)) + rng.normal(0, 0.05, 3) * (high - low)
    return np.clip(moved, low, high).astype(np.float32)


def _any_colours(lightness: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Random colours for a grey picture, (H, W, 2) of a and b: they change with lightness and over the picture."""
    stops = rng.normal(0, 14, (5, 2))
    by_tone = [np.interp(lightness, np.linspace(0, 100, 5), stops[:, c]) for c in range(2)]
    by_place = [6 * _field(lightness, rng, "smooth", lightness.shape[0] / 220) for _ in range(2)]
    return np.stack([t + p for t, p in zip(by_tone, by_place, strict=True)], axis=-1).astype(np.float32)


def textured(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture with surface texture, which drawings leave out, added to a part of it; (H, W, 3) in [0, 1]."""
    kind = str(rng.choice(["concrete", "grit", "grass", "cloud", "streak"]))
    strength = min(0.10, float(rng.exponential(0.035)))
    field = _field(picture, rng, kind, float(rng.uniform(0.6, 2.0)))
    where = np.clip(0.5 + 0.8 * _field(picture, rng, "smooth", 0.6), 0, 1)
    return np.clip(picture * (1 + strength * field * where)[..., None], 0, 1).astype(np.float32)


def _field(picture: Picture, rng: np.random.Generator, kind: str, scale: float) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    offset = (float(rng.random()), float(rng.random()))
    return noise.sample(kind, width, height, offset, scale, float(rng.uniform(0, 2 * np.pi)))
