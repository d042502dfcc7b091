"""Hair on a canvas: locks with shade between them, a jagged band of light, and the grain of single strands."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import noise
from .layer import Strands

ROOT_GAP, TIP_GAP = 0.1, 0.42
"""How much of a lock's width lies in the shade of the next one, at the crown and at twice the band's radius."""
DRAWN_SHADE, SEEN_SHADE = 0.6, 0.3
"""How much light is lost between locks, in the drawing and, more softly, in the photograph."""
BAND_WIDTH = 0.2
"""Of the band of light, as a share of its radius."""
JAGGED = 0.5
"""How far the band moves in and out from lock to lock, in its own widths."""


@dataclass(frozen=True)
class HairShade:
    """What hair adds to a surface, (H, W) float32 each.

    Attributes:
        shine: the band of light.
        fibre: the grain of strands about 0, in the photograph only.
        drawn_loss, seen_loss: light that is lost between locks, in the drawing and in the photograph.
    """

    shine: np.ndarray
    fibre: np.ndarray
    drawn_loss: np.ndarray
    seen_loss: np.ndarray


def hair_shade(
    strands: Strands,
    rng: np.random.Generator,
    light: tuple[float, float, float],
    origin: tuple[int, int],
    size: tuple[int, int],
) -> HairShade:
    """Locks run outwards from the crown; each widens, bends a little, and shades the next one.

    Args:
        light: direction to the key light.
        origin: (x, y) of the surface's corner, canvas px.
        size: (width, height) of the surface.
    """
    width, height = size
    xs = np.arange(width, dtype=np.float32)[None, :] + (origin[0] - strands.crown[0])
    ys = np.arange(height, dtype=np.float32)[:, None] + (origin[1] - strands.crown[1])
    radius, angle = cv2.cartToPolar(
        np.broadcast_to(xs, (height, width)).copy(), np.broadcast_to(ys, (height, width)).copy()
    )
    row = noise.bank("streak")[:, int(rng.integers(noise.BANK_PX))]
    around = angle * (strands.density * noise.BANK_PX / 44) + radius * 0.03
    fibre = row[around.astype(np.int32) % noise.BANK_PX]
    out = radius / max(strands.band, 1.0)
    side = _across_lock(strands.locks, rng, angle, out)
    gap = ROOT_GAP + (TIP_GAP - ROOT_GAP) * np.clip(out / 2, 0, 1)
    between = np.clip((gap - side) / 0.06, 0, 1)
    soft = np.clip((1.6 * gap - side) / np.maximum(1.2 * gap, 1e-3), 0, 1)
    offset = (out - 1) / BAND_WIDTH + 0.25 * fibre + 2 * JAGGED * (side - 0.5)
    lx, ly, _ = light
    facing = np.clip(0.55 + 0.45 * (xs * lx + ys * ly) / np.maximum(radius, 1), 0, 1)
    shine = strands.gloss * np.exp(-offset * offset) * facing * (1 - between)
    return HairShade(
        *(np.asarray(each, np.float32) for each in (shine, fibre, DRAWN_SHADE * between, SEEN_SHADE * soft))
    )


def _across_lock(locks: int, rng: np.random.Generator, angle: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Where across its lock each point lies: 0 at the edge in shade, 1 at the other; locks differ in width."""
    phase, second, bend = rng.uniform(0, 2 * np.pi, 3)
    uneven = 0.9 * np.sin(2 * angle + phase) + 0.6 * np.sin(3 * angle + second)
    turn = locks * angle / (2 * np.pi) + 0.5 * uneven + 0.12 * np.sin(2.5 * out + bend)
    return turn - np.floor(turn)
