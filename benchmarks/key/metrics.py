"""How far a matte and a composite lie from the truth (RVM's definitions, arXiv:2108.11515, section 4.1)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.key.film import Film
from compositing.colour import Image, Plane, over, srgb_from_linear, unpremultiply

BACKDROP = (0.42, 0.12, 0.30)
"""What composites are judged over (scene-linear): far from any screen, of middling light."""
EDGE = (0.02, 0.98)
MATTE_COLUMNS = ("MAD", "MSE", "Grad", "dtSSD", "edge MAD")
COLOUR_COLUMNS = ("edge F", "edge comp")


def measure(film: Film, mattes: Sequence[Plane], premults: Sequence[Image] | None) -> dict[str, float]:
    """Every column for one method on one shot.

    MAD, MSE and edge MAD x10^3; Grad as the sum over a frame /1000; dtSSD x10^2; `edge F`, the foreground's
    error where alpha is above 0.1, and `edge comp`, the composite's, are mean absolute differences x10^3 of
    display-referred values over the edge. The edge is where the true alpha is between 0.02 and 0.98, and
    two pixels around.
    """
    truth = film.alpha
    pairs = list(zip(mattes, truth, strict=True))
    edges = [edge_of(alpha) for alpha in truth]
    row = {
        "MAD": 1e3 * float(np.mean([np.abs(a - b).mean() for a, b in pairs])),
        "MSE": 1e3 * float(np.mean([np.square(a - b).mean() for a, b in pairs])),
        "Grad": float(np.mean([np.square(_gradient(a) - _gradient(b)).sum() / 1000 for a, b in pairs])),
        "dtSSD": 1e2 * _time_difference(mattes, truth),
        "edge MAD": 1e3 * _over_edges([np.abs(a - b) for a, b in pairs], edges),
    }
    if premults is not None:
        row |= _colours(film, mattes, premults, edges)
    return row


def edge_of(alpha: Plane) -> Plane:
    """The edge of a true matte, as a boolean mask."""
    inside = ((alpha > EDGE[0]) & (alpha < EDGE[1])).astype(np.uint8)
    return cv2.dilate(inside, np.ones((5, 5), np.uint8)).astype(bool)


def _colours(
    film: Film, mattes: Sequence[Plane], premults: Sequence[Image], edges: Sequence[Plane]
) -> dict[str, float]:
    composites, colours, solid = [], [], []
    for t, (matte, premult) in enumerate(zip(mattes, premults, strict=True)):
        ours, best = (
            srgb_from_linear(_comp(p, a)) for p, a in ((premult, matte), (film.premult[t], film.alpha[t]))
        )
        composites.append(np.abs(ours - best).mean(axis=2))
        ours, best = (
            srgb_from_linear(np.clip(unpremultiply(p, a), 0, 1))
            for p, a in ((premult, matte), (film.premult[t], film.alpha[t]))
        )
        colours.append(np.abs(ours - best).mean(axis=2))
        solid.append(edges[t] & (film.alpha[t] > 0.1))
    return {"edge F": 1e3 * _over_edges(colours, solid), "edge comp": 1e3 * _over_edges(composites, edges)}


def _comp(premult: Image, alpha: Plane) -> Image:
    return np.clip(over(premult, alpha, np.full_like(premult, BACKDROP)), 0, 1)


def _over_edges(errors: Sequence[Plane], edges: Sequence[Plane]) -> float:
    return float(np.concatenate([error[edge] for error, edge in zip(errors, edges, strict=True)]).mean())


def _gradient(alpha: Plane) -> Plane:
    """Magnitude of the Gaussian derivative, sigma 1.4."""
    smooth = cv2.GaussianBlur(alpha, (0, 0), 1.4)
    return np.hypot(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    )


def _time_difference(mattes: Sequence[Plane], truth: Sequence[Plane]) -> float:
    steps = [
        np.sqrt(np.square((mattes[t] - mattes[t - 1]) - (truth[t] - truth[t - 1])).mean())
        for t in range(1, len(truth))
    ]
    return float(np.mean(steps))
