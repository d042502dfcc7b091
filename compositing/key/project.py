"""Alpha by projection: how far a pixel lies on the way from the screen to the subject's own colour."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane
from compositing.key.trimap import Trimap
from compositing.screen.fill import fill

Values = NDArray[np.float32]
PALETTE = 16
"""Colours that stand for the whole subject: a strand of hair may lie beside skin."""
PALETTE_SAMPLE = 3000
NEAR_WEIGHT, WIDE_WEIGHT, PALETTE_WEIGHT, ROUGH_WEIGHT = 1.0, 0.75, 0.5, 0.05
"""How likely each guess is before it is tried: the colour beside the edge, means around, any, none of them."""
MISFIT = 2.0
"""How many times the noise a good guess may miss the pixel by: the subject's colours vary."""
CHUNK = 4096
"""Pixels that are projected at once: their arrays stay in the processor's cache."""
FLOOR = np.float32(0.002)
LIGHTNESS = 0.7
"""Weight of lightness against colour: shading changes the one and not the other."""
FINE_ROWS = 270
"""The subject's colours are gathered on pictures of about this height."""
_GREY = np.full((3, 3), 1 / 3, np.float32)
METRIC = np.eye(3, dtype=np.float32) + np.float32(LIGHTNESS - 1) * _GREY


@dataclass(frozen=True)
class Guesses:
    """What F may be at n pixels: `own`, k guesses for each, (n, k, 3); `shared`, for all, (m, 3); their weights."""

    own: Values
    own_weights: Values
    shared: Values


def guess(light: Image, trimap: Trimap, height: int | None = None) -> Guesses:
    """The subject's colours near each pixel of the edge, and those of the whole subject.

    Args:
        light: scene-linear RGB, (rows, columns, 3).
        trimap: its core must not be empty.
        height: of the whole frame, px, where these are a part of it.
    """
    core, edge = trimap.core, trimap.edge
    small, known = _gathered(light, core, max(1, (height or core.shape[0]) // FINE_ROWS))
    spread = [_nearest(small, known), fill(small, known), fill(small, known, smooth=2)]
    rows, columns = np.nonzero(edge)
    across = ((columns + np.float32(0.5)) * (small.shape[1] / edge.shape[1])).astype(np.intp)
    down = ((rows + np.float32(0.5)) * (small.shape[0] / edge.shape[0])).astype(np.intp)
    own = np.stack([each[down, across] for each in spread], axis=1)
    weights = np.array([NEAR_WEIGHT, WIDE_WEIGHT, WIDE_WEIGHT], np.float32)
    return Guesses(own, weights, _palette(light[core]))


def project(
    light: Values, screen: Values, rough: Values, guesses: Guesses, noise: float
) -> tuple[Values, Values]:
    """Alpha and foreground of n pixels.

    For a guess F, alpha = (I - C).(F - C) / |F - C|^2 clipped to [0, 1]; what is left of I shows how well F
    explains the pixel. Alphas and colours are averaged by that. The rough matte stands for "no guess fits".

    Args:
        light, screen: I and C, (n, 3) scene-linear.
        rough: the colour difference's alpha, (n,).
        noise: of I, as a share of C.

    Returns:
        Alpha (n,) in [0, 1], and F (n, 3).
    """
    alpha, colour = np.empty(len(light), np.float32), np.empty((len(light), 3), np.float32)
    for start in range(0, len(light), CHUNK):
        part = slice(start, start + CHUNK)
        near = Guesses(guesses.own[part], guesses.own_weights, guesses.shared)
        alpha[part], colour[part] = _projected(light[part], screen[part], rough[part], near, noise)
    return alpha, colour


def _projected(
    light: Values, screen: Values, rough: Values, guesses: Guesses, noise: float
) -> tuple[Values, Values]:
    own, own_alpha = _weigh(light, screen, guesses.own, guesses.own_weights, noise)
    shared_weights = np.full(len(guesses.shared), PALETTE_WEIGHT, np.float32)
    shared, shared_alpha = _weigh(light, screen, guesses.shared[None], shared_weights, noise)
    total = own.sum(axis=1) + shared.sum(axis=1)
    alpha = (own * own_alpha).sum(axis=1) + (shared * shared_alpha).sum(axis=1) + ROUGH_WEIGHT * rough
    colour = np.einsum("nk,nkc->nc", own, guesses.own) + shared @ guesses.shared
    colour += ROUGH_WEIGHT * guesses.own[:, 0]
    total += ROUGH_WEIGHT
    return alpha / total, colour / total[:, None]


def _weigh(
    light: Values, screen: Values, colours: Values, weights: Values, noise: float
) -> tuple[Values, Values]:
    """How likely each guess is, and its alpha: (n, k) each; `colours` is (n, k, 3), or (1, k, 3) for all."""
    offset, base = (light - screen) @ METRIC, screen @ METRIC
    seen = colours @ METRIC
    if len(seen) == 1:  # |F - C|^2 and (I - C).(F - C) by matrix products: no array of n x k x 3 is made
        flat = seen[0]
        along = offset @ flat.T - np.einsum("nc,nc->n", offset, base)[:, None]
        square = (flat**2).sum(axis=1) - 2 * base @ flat.T + np.einsum("nc,nc->n", base, base)[:, None]
    else:
        way = seen - base[:, None]
        along = np.einsum("nc,nkc->nk", offset, way)
        square = np.einsum("nkc,nkc->nk", way, way)
    square = np.maximum(square, np.float32(1e-6))
    alpha = np.clip(along / square, 0, 1)
    missed = np.einsum("nc,nc->n", offset, offset)[:, None] - alpha * (2 * along - alpha * square)
    scale = np.float32(MISFIT) * (np.float32(noise) * np.sqrt(np.einsum("nc,nc->n", base, base)) + FLOOR)
    fit = np.exp(-0.5 * np.clip(missed / np.square(scale)[:, None], 0, 60))
    return fit * weights, alpha


def _gathered(light: Image, core: Plane, step: int) -> tuple[Image, Plane]:
    """The core's colours on a picture `step` times smaller, and which share of each of its pixels is core."""
    rows, columns = core.shape
    size = (max(1, columns // step), max(1, rows // step))
    weights = core.astype(np.float32)
    total = cv2.multiply(light, cv2.merge([weights, weights, weights]))
    if step == 1:
        total, weights = cv2.boxFilter(total, -1, (3, 3)), cv2.boxFilter(weights, -1, (3, 3)) * weights
        return total / np.maximum(cv2.boxFilter(core.astype(np.float32), -1, (3, 3)), 1e-3)[
            ..., None
        ], weights
    known = cv2.resize(weights, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(total, size, interpolation=cv2.INTER_AREA)
    return small / np.maximum(known, np.float32(1e-3))[..., None], known


def _nearest(colours: Image, known: Plane) -> Image:
    """At each pixel, the colour of the nearest one that is known by half or more."""
    inside = known >= min(0.5, float(known.max()))
    _, labels = cv2.distanceTransformWithLabels(
        1 - inside.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    where = np.zeros(int(labels.max()) + 1, np.int64)
    found = np.flatnonzero(inside)
    where[labels.reshape(-1)[found]] = found
    return colours.reshape(-1, 3)[where[labels]]


def _palette(colours: Values) -> Values:
    """The subject's main colours, (m, 3): k-means on their square roots, which weigh dark and bright alike."""
    step = max(1, len(colours) // PALETTE_SAMPLE)
    sample = np.ascontiguousarray(np.sqrt(np.maximum(colours[::step], 0)), np.float32)
    if len(sample) < 2 * PALETTE:
        return np.square(sample[:PALETTE])
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, 1e-3)
    order = np.argsort(sample.sum(axis=1), kind="stable")
    start = np.zeros((len(sample), 1), np.int32)
    start[order, 0] = np.arange(len(sample)) * PALETTE // len(sample)
    # Started from slices of lightness, so that no random number is drawn.
    _, _, centres = cv2.kmeans(sample, PALETTE, start, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return np.square(centres).astype(np.float32)
