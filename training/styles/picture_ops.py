"""Operations on pictures that the drawing programs share: tone, colour and randomness."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.base.scenes import noise

Picture = NDArray[np.float32]
"""(H, W, 3) float32 RGB in [0, 1]."""
Plane = NDArray[np.float32]
"""(H, W) float32."""


def luma(picture: Picture) -> Plane:
    """Rec. 601 luma."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)


def smoothstep(value: Plane, low: float, high: float) -> Plane:
    """0 below `low`, 1 above `high`, and an S-curve between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def blur(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def field(
    rng: np.random.Generator, shape: tuple[int, ...], kind: str, scale: float, angle: float = 0
) -> Plane:
    """A random window on the noise bank, (H, W), mean about 0, std about 1."""
    height, width = shape[:2]
    offset = (float(rng.random()), float(rng.random()))
    return noise.sample(kind, width, height, offset, scale, angle).astype(np.float32)


def exposed(picture: Picture, level: float = 0.5) -> Picture:
    """The picture by a gamma that puts its median luma at `level`, so that dark scenes stay readable.

    Where a bright sky fills most of the picture the median is limited to 0.66, or faces would turn black.
    """
    middle = float(np.clip(np.median(luma(picture)), 0.06, 0.66))
    return np.clip(picture ** (np.log(level) / np.log(middle)), 0, 1).astype(np.float32)


def saturated(picture: Picture, amount: float) -> Picture:
    """Saturation times `amount`."""
    grey = luma(picture)[..., None]
    return np.clip(grey + (picture - grey) * amount, 0, 1).astype(np.float32)


def tinted(tone: Plane, stops: tuple[tuple[float, tuple[float, float, float]], ...]) -> Picture:
    """A tone as a colour of the ramp of (tone, RGB) stops, from dark to light."""
    at = [stop for stop, _ in stops]
    channels = [np.interp(tone, at, [colour[c] for _, colour in stops]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def mixed(one: Picture, other: Picture | tuple[float, float, float], share: Plane | float) -> Picture:
    """A mix of two pictures: `one` at a share of 0, `other` at 1."""
    weight = share[..., None] if isinstance(share, np.ndarray) else share
    top = np.asarray(other, np.float32)
    return (one + (top - one) * weight).astype(np.float32)


def displaced(
    picture: NDArray[np.float32], rng: np.random.Generator, px: float, scale: float
) -> NDArray[np.float32]:
    """The picture with its edges displaced smoothly by about `px`, as by an unsteady hand."""
    height, width = picture.shape[:2]
    dx, dy = (px * field(rng, picture.shape, "smooth", scale) for _ in range(2))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(picture, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )
