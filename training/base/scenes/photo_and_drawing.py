"""The two pictures of a canvas: a photograph with continuous shading, and the cels of a drawing in flat tones."""

from __future__ import annotations

import cv2
import numpy as np

from . import noise
from .canvas import DEEP, LIT, LUMA, SHADE, SHINE, Canvas, times
from .ink import ink_map

FLESH_SHADE = np.array([1.03, 0.975, 0.96])
BRUSHED = 0.8
"""How much of its light and shade a painted background keeps."""
DRAWN_FALLOFF = 0.4
"""How much of the light's fall-off (as a power) survives in the drawing's flats."""
STEP_BELOW_MEAN = 0.35
"""A surface's shade begins this many mean deviations below its mean light."""
STEP_RANGE = (0.42, 0.8)
"""Where that step may lie: what is darker is shade on any surface, what is lighter on none."""
EVEN_LIGHT, EVEN_STEP = 0.03, 0.52
"""A surface that is flat, or whose light deviates by less than the first, is divided at the second."""
DEEP_SHARE = 0.55
"""The third tone begins at this share of the step to the second."""
SHINE_FROM = 0.2


def falloff(canvas: Canvas) -> np.ndarray:
    """How the light falls off over the picture, (S, S) about 1; part of it is drawn as a painted gradient."""
    offset = (float(canvas.rng.random()), float(canvas.rng.random()))
    field = noise.sample("smooth", canvas.size, canvas.size, offset, canvas.size / 110)
    return np.clip(1 + canvas.light.falloff * field, 0.35, 1.5)


def blotches(canvas: Canvas) -> np.ndarray:
    """Uneven patches, stains and bounced light that a drawing leaves out, (S, S) about 1."""
    offset = (float(canvas.rng.random()), float(canvas.rng.random()))
    strength = float(canvas.rng.uniform(0, 0.07))
    return 1 + strength * noise.sample("smooth", canvas.size, canvas.size, offset, canvas.size / 420)


def photograph(canvas: Canvas, uneven: np.ndarray) -> np.ndarray:
    """Continuous shading of every surface; (S, S, 3) float32, display-referred, before the camera."""
    light = canvas.light
    key = canvas.lit_photo * (1 - canvas.shadow) * ((1 - light.ambient) / 0.82)
    glow = np.asarray(canvas.glows, np.float32)[canvas.ids]
    key *= uneven
    dim = light.ambient * (1 - 0.45 * canvas.shadow) * (0.6 + 0.4 * uneven)
    stain = blotches(canvas)
    planes = []
    for key_color, fill_color in zip(light.key, light.fill, strict=True):
        level = key * key_color + dim * fill_color
        planes.append(((level + glow * (1 - level)) * stain).astype(np.float32))
    picture = cv2.multiply(canvas.photo, cv2.merge(planes))
    shine = (canvas.shine * (1 - canvas.shadow) * (0.4 + 0.6 * uneven)).astype(np.float32)
    return np.clip(picture + cv2.merge([shine, shine, shine]), 0, 1)


def tones(canvas: Canvas, three: bool) -> np.ndarray:
    """Which flat tone each pixel gets: DEEP, SHADE, LIT or SHINE; (S, S) int32.

    A painter divides each surface at its own light: a face lit from the front has a shaded side as one lit from the
    side has, where a step at one light for all surfaces would leave the first in a single tone.
    """
    glow = np.asarray(canvas.glows, np.float32)[canvas.ids]
    light = np.maximum(canvas.lit_drawn * (1 - canvas.shadow), glow)
    step = _steps(canvas, light)[canvas.ids]
    tone = np.where(light > step, LIT, SHADE)
    if three:
        tone[light < DEEP_SHARE * step] = DEEP
    tone[(canvas.shine > SHINE_FROM) & (tone == LIT)] = SHINE
    return tone


def _steps(canvas: Canvas, light: np.ndarray) -> np.ndarray:
    """The light at which each layer passes from shade to light, (layers,)."""
    layers = canvas.ids[::2, ::2].ravel()
    seen = light[::2, ::2].ravel()
    count = len(canvas.lines)
    area = np.maximum(np.bincount(layers, minlength=count), 1)
    mean = np.bincount(layers, seen, count) / area
    spread = np.bincount(layers, np.abs(seen - mean[layers]), count) / area
    own = np.clip(mean - STEP_BELOW_MEAN * spread, *STEP_RANGE)
    divided = np.asarray(canvas.modelled) & (spread > EVEN_LIGHT)
    return np.where(divided, own, EVEN_STEP).astype(np.float32)


def flats(canvas: Canvas, photo: np.ndarray, uneven: np.ndarray, three: bool) -> np.ndarray:
    """Every tone of every layer in the mean colour that the photograph has there; (S, S, 3).

    Args:
        photo: the graded photograph, every second pixel of the canvas, (S/2, S/2, 3).
    """
    cells = canvas.ids * 4 + tones(canvas, three)
    count = len(canvas.lines) * 4
    base = times(canvas.drawn, uneven**DRAWN_FALLOFF)
    few = cells[::2, ::2].ravel()
    # A painter takes the colour of the light side where it is lightest.
    weight = (canvas.lit_photo[::2, ::2] * (1 - canvas.shadow[::2, ::2]) + 0.1).ravel() ** 2
    sums = [np.bincount(few, weight * photo[..., c].ravel(), count) for c in range(3)]
    sums_base = [np.bincount(few, weight * base[::2, ::2, c].ravel(), count) for c in range(3)]
    numerator, denominator = np.stack(sums, 1), np.stack(sums_base, 1)
    numerator, denominator = numerator.reshape(-1, 4, 3), denominator.reshape(-1, 4, 3)
    whole = numerator.sum((0, 1)) / np.maximum(denominator.sum((0, 1)), 1e-6)
    own = (numerator.sum(1) + 0.1 * whole) / (denominator.sum(1) + 0.1)
    gain = (numerator + 0.1 * own[:, None]) / (denominator + 0.1)
    gain = _separate(gain, denominator @ LUMA)
    gain[np.asarray(canvas.flesh), : SHADE + 1] *= FLESH_SHADE
    return np.clip(cv2.multiply(base, gain.reshape(count, 3).astype(np.float32)[cells]), 0, 1)


def _separate(gain: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Tones of one layer kept clearly apart, however soft the light, and its mean kept what it was.

    Args:
        gain: (layers, 4, 3), the colour of each tone relative to the base.
        area: (layers, 4), how much of the layer has that tone.
    """
    luma = np.maximum(gain @ LUMA, 1e-4)
    out = gain.copy()
    for tone, beside, low, high in (
        (SHADE, LIT, 0.5, 0.8),
        (SHINE, LIT, 1.15, 2.2),
        (DEEP, SHADE, 0.55, 0.82),
    ):
        ratio = luma[:, tone] / np.maximum(out[:, beside] @ LUMA, 1e-4)
        out[:, tone] *= (np.clip(ratio, low, high) / ratio)[:, None]
    before, after = (area * luma).sum(1), (area * (out @ LUMA)).sum(1)
    return out * np.where(after > 0, before / np.maximum(after, 1e-6), 1)[:, None, None]


def paint_background(canvas: Canvas, paint: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """`paint` with a painted background: what is far away keeps soft light and shade, but no grain.

    Args:
        paint, photo: (S/2, S/2, 3), the photograph graded and sharp.
    """
    far = np.clip((np.asarray(canvas.depths, np.float32)[canvas.ids[::2, ::2]] - 0.3) / 0.2, 0, 1)
    brushed = cv2.bilateralFilter(cv2.bilateralFilter(photo, 0, 0.18, 3.0), 0, 0.18, 3.0)
    return paint + times(brushed - paint, BRUSHED * far)


def drawing(canvas: Canvas, photo: np.ndarray, uneven: np.ndarray, bokeh: float) -> tuple[np.ndarray, ...]:
    """The cels of the drawing: paint in two tones, in three, with a painted background, and the ink.

    Args:
        photo: the photograph, graded and sharp, at half the canvas's size.
        bokeh: how far the lens blurs what is far away, px.

    Returns:
        Four of (S/2, S/2, 3) float32 in [0, 1].
    """
    half = canvas.size // 2
    two, three = (
        cv2.resize(flats(canvas, photo, uneven, deep), (half, half), interpolation=cv2.INTER_AREA)
        for deep in (False, True)
    )
    return two, three, paint_background(canvas, two, photo), ink_map(canvas, bokeh)
