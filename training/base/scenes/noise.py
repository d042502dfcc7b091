"""A bank of tileable noise, made once per process from fixed seeds and sampled by every surface.

Fractal noise for each surface would cost more than the rest of a pair; a bank that is cropped, turned and
scaled at random costs one `cv2.warpAffine`.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

BANK_PX = 512


def octave(rng: np.random.Generator, cells_x: int, cells_y: int) -> np.ndarray:
    """Tileable smooth noise of `cells_x` x `cells_y` cells over the bank; (BANK_PX, BANK_PX), std 1."""
    grid = rng.standard_normal((cells_y, cells_x)).astype(np.float32)
    padded = np.pad(grid, 2, mode="wrap")
    scale_x, scale_y = BANK_PX / cells_x, BANK_PX / cells_y
    full = cv2.resize(
        padded,
        (round(padded.shape[1] * scale_x), round(padded.shape[0] * scale_y)),
        interpolation=cv2.INTER_CUBIC,
    )
    top, left = round(2 * scale_y), round(2 * scale_x)
    field = full[top : top + BANK_PX, left : left + BANK_PX]
    return field / field.std()


def _fractal(
    rng: np.random.Generator, first: int, last: int, fall: float, wide: float = 1.0, tall: float = 1.0
) -> np.ndarray:
    """Octaves from `first` to `last` cells, each `fall` times the one before, stretched either way."""
    total = np.zeros((BANK_PX, BANK_PX), np.float32)
    cells, gain = first, 1.0
    while cells <= last:
        total += gain * octave(rng, max(2, round(cells / wide)), max(2, round(cells / tall)))
        cells *= 2
        gain *= fall
    return total / total.std()


def _grains(rng: np.random.Generator) -> np.ndarray:
    """Leaves: distance to random seeds, with a random value for each cell, in clumps of light and shade."""
    seeds = np.full((BANK_PX, BANK_PX), 255, np.uint8)
    where = rng.integers(0, BANK_PX, (2600, 2))
    seeds[where[:, 0], where[:, 1]] = 0
    distance, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    values = rng.standard_normal(int(labels.max()) + 1).astype(np.float32)
    field = values[labels] - 0.35 * distance
    field = field / field.std() + 0.8 * _fractal(rng, 16, 256, 0.7)
    return ((field - field.mean()) / field.std()).astype(np.float32)


def _weave(rng: np.random.Generator) -> np.ndarray:
    ramp = np.arange(BANK_PX, dtype=np.float32) * (2 * np.pi / 4)
    field = np.sin(ramp)[:, None] * np.cos(ramp)[None, :] + 0.5 * _fractal(rng, 32, 256, 0.8)
    return (field / field.std()).astype(np.float32)


def _brick(rng: np.random.Generator) -> np.ndarray:
    """Courses of 32 x 16 px bricks, each with its own value, between light mortar."""
    yy, xx = np.mgrid[:BANK_PX, :BANK_PX]
    row = yy // 16
    column = ((xx + 16 * (row % 2)) % BANK_PX) // 32
    values = rng.standard_normal((BANK_PX // 16, BANK_PX // 32)).astype(np.float32)
    field = 0.6 * values[row, column] + 0.3 * _fractal(rng, 32, 256, 0.7)
    mortar = ((yy % 16) < 2) | (((xx + 16 * (row % 2)) % 32) < 2)
    field = np.where(mortar, 2.2, field).astype(np.float32)
    return cv2.GaussianBlur((field - field.mean()) / field.std(), (0, 0), 0.7)


@cache
def bank(kind: str) -> np.ndarray:
    """One field of the bank: (BANK_PX, BANK_PX) float32, mean 0, std 1.

    Raises:
        ValueError: a kind that the bank does not hold.
    """
    seed = sum((i + 1) * ord(c) for i, c in enumerate(kind))
    rng = np.random.default_rng(seed)
    match kind:
        case "smooth":
            return _fractal(rng, 4, 8, 0.5)
        case "cloud":
            return _fractal(rng, 4, 128, 0.55)
        case "concrete":
            return _fractal(rng, 4, 256, 0.75)
        case "grit":
            return _fractal(rng, 64, 512, 1.0)
        case "streak":
            return _fractal(rng, 64, 256, 0.8, wide=8.0)
        case "fold":
            return _fractal(rng, 12, 24, 0.4, wide=2.5)
        case "grass":
            return _fractal(rng, 64, 512, 1.0, tall=3.0)
        case "grains":
            return _grains(rng)
        case "weave":
            return _weave(rng)
        case "brick":
            return _brick(rng)
    raise ValueError(f"the noise bank holds no {kind!r}.")


@cache
def slow_bank(kind: str) -> np.ndarray:
    """The same field without its fine grain, for the shadow shapes that a drawing keeps."""
    padded = np.pad(bank(kind), 16, mode="wrap")
    return cv2.GaussianBlur(padded, (0, 0), 2.6)[16:-16, 16:-16]


def sample(
    kind: str,
    width: int,
    height: int,
    offset: tuple[float, float],
    scale: float = 1.0,
    angle: float = 0.0,
    slow: bool = False,
) -> np.ndarray:
    """A window on the bank, (height, width) float32: `scale` > 1 enlarges the grain.

    `angle` turns it (rad); `slow` leaves out the fine grain.
    """
    c, s = np.cos(angle) / scale, np.sin(angle) / scale
    to_bank = np.array([[c, s, offset[0] * BANK_PX], [-s, c, offset[1] * BANK_PX]], np.float32)
    return cv2.warpAffine(
        slow_bank(kind) if slow else bank(kind),
        to_bank,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_WRAP,
    )
