"""The clean plate: what the camera would see without the subject, made from the footage itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from compositing.colour import Image, Plane, premultiply
from compositing.screen.colour import ScreenColour
from compositing.screen.fill import NOTHING, fill

COARSE = 4
"""Light is followed on pictures this many times smaller."""
FINE_ROWS = 270
"""Holes are filled on pictures of about this height."""
SEEN = 0.9
"""A pixel showed the bare screen in every frame where it kept this share of its most."""
COVERED = 0.45
"""Where less than this share of the screen around is ever seen, the subject stood all the time."""
STEADY = 0.3
"""How far a screen pixel's light may stray from the plate's, as a share, and still show how the light changed."""
PURE = 0.2
"""How far a bare pixel's closeness to the screen's colour may lie below its best: a gleam of glass lies further."""
MARK = 1 / 40
"""In heights: what is dark and narrower is a mark on the screen, not a subject."""
BAND = 64
"""Rows that are averaged at once."""
RIM = 1 / 15
"""How far, in heights, the soft edge of a subject that never moves may reach: there the plate is not trusted."""


def combine(
    samples: Iterable[Image], colour: ScreenColour, shown: Plane | None = None
) -> tuple[Image, Plane]:
    """One clean plate from several views of the same screen, pixel by pixel over time.

    A pixel shows the bare screen in those views where it has most of the screen's colour; they are averaged.
    Where none shows it, the plate is filled from around, and is known less than surely.

    Args:
        samples: scene-linear RGB of one size, aligned; one is enough. Each is read once, and held in half
            floats.
        shown: boolean, (height, width): what any of them shows; all of it where it is not given.

    Returns:
        The plate, (height, width, 3) scene-linear, and how well it is known, (height, width) in [0, 1].
    """
    views = _levelled(samples, colour)
    if len(views) == 1:
        only = views[0].astype(np.float32)
        known = _trusted(only, colour.difference(only), shown, colour)
        return _completed(only, known), known
    near = [_closeness(view.astype(np.float32), colour) for view in views]
    rows, columns = near[0].shape
    mean, most = np.empty((rows, columns, 3), np.float32), np.empty((rows, columns), np.float32)
    for start in range(0, rows, BAND):
        band = slice(start, start + BAND)
        mean[band], most[band] = _averaged(
            [each[band] for each in views], [each[band] for each in near], colour
        )
    known = _trusted(mean, most, shown, colour)
    return _completed(mean, known), known


def _averaged(views: Sequence[Image], near: Sequence[Plane], colour: ScreenColour) -> tuple[Image, Plane]:
    """The mean of those views of a part that show the bare screen, pixel by pixel, and the most kappa of them."""
    lights = [view.astype(np.float32) for view in views]
    kappas = [colour.difference(light) for light in lights]
    most, best = np.zeros(near[0].shape, np.float32), np.zeros(near[0].shape, np.float16)
    for kappa, close in zip(kappas, near, strict=True):
        np.maximum(most, np.where(close > PURE, kappa, 0), out=most)
    enough = np.float32(SEEN) * most
    for kappa, close in zip(kappas, near, strict=True):
        np.maximum(best, np.where(kappa >= enough, close, 0), out=best)
    total, count = np.zeros_like(lights[0]), np.zeros_like(most)
    for light, kappa, close in zip(lights, kappas, near, strict=True):
        bare = ((kappa >= enough) & (close >= best - PURE)).astype(np.float32)
        total += premultiply(light, bare)
        count += bare
    return total / np.maximum(count, 1)[..., None], most


def coarse(picture: Image | Plane) -> Image:
    """A picture at 1 / `COARSE` of its size, on which light is followed."""
    rows, columns = picture.shape[:2]
    size = (max(1, columns // COARSE), max(1, rows // COARSE))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def light_ratio(frame: Image, clean: Image, sure: Plane, colour: ScreenColour) -> Image:
    """What the clean plate is multiplied by to have one frame's light: its exposure and its soft shadows.

    The ratio of the frame to the plate is taken where the frame shows the screen, and spread smoothly to where it
    does not. All pictures are `coarse`.

    Args:
        frame: (rows, columns, 3) scene-linear.
        clean, sure: the plate and how well it is known, as `combine` gives them, aligned with the frame.

    Returns:
        (rows, columns, 3).
    """
    ratio = frame / np.maximum(clean, np.float32(1e-3))
    kappa, full = colour.difference(frame), np.maximum(colour.difference(clean), NOTHING)
    weight = (sure > 0.9) * (colour.closeness(frame) > 0.3)
    gain = _median(kappa / full, weight)
    for _ in range(2):
        close = np.abs(kappa / (full * gain) - 1) < STEADY
        near = cv2.erode((weight * close).astype(np.float32), np.ones((3, 3), np.uint8))
        spread = fill(ratio, near, smooth=1)
        gain = np.maximum(colour.difference(spread * clean) / full, NOTHING)
    return spread


def _completed(mean: Image, known: Plane) -> Image:
    """The picture, and what is not known of it filled from around, on a picture of about `FINE_ROWS`."""
    rows, columns = known.shape
    step = max(1, rows // FINE_ROWS)
    if step == 1:
        return fill(mean, known)
    size = (columns // step, rows // step)
    weights = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    seen = cv2.multiply(mean, cv2.merge([known, known, known]))
    small = cv2.resize(seen, size, interpolation=cv2.INTER_AREA)
    small = fill(small / np.maximum(weights, NOTHING)[..., None], weights)
    around = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)
    left = 1 - known
    return cv2.add(seen, cv2.multiply(around, cv2.merge([left, left, left])))


def _closeness(light: Image, colour: ScreenColour) -> Plane:
    """How near the chromaticity lies to the screen's, a little blurred: (height, width) in half floats."""
    rows, columns = light.shape[:2]
    half = cv2.resize(light, ((columns + 1) // 2, (rows + 1) // 2), interpolation=cv2.INTER_AREA)
    return cv2.resize(colour.closeness(half), (columns, rows), interpolation=cv2.INTER_LINEAR).astype(
        np.float16
    )


def _levelled(samples: Iterable[Image], colour: ScreenColour) -> list[Image]:
    """The samples under the light of the middle one, each channel by one factor: in half floats."""
    views = [np.asarray(sample, np.float16) for sample in samples]
    if len(views) == 1:
        return views
    small = [view[::COARSE, ::COARSE].astype(np.float32) for view in views]
    screens = [colour.closeness(each) > 0.5 for each in small]
    middle = len(views) // 2
    levelled = []
    for view, each, screen in zip(views, small, screens, strict=True):
        both = screen & screens[middle]
        if both.sum() < 50:
            continue
        factor = np.median(small[middle][both] / np.maximum(each[both], 1e-3), axis=0)
        view *= np.clip(factor, 0.1, 10).astype(np.float16)
        levelled.append(view)
    return levelled or views


def _trusted(mean: Image, most: Plane, shown: Plane | None, colour: ScreenColour) -> Plane:
    """Where the mean of the views is the bare screen: not where a subject that never moved has its soft edge."""
    rows, columns = most.shape
    size = (max(1, columns // COARSE), max(1, rows // COARSE))
    small, kappa = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (mean, most))
    screen = (colour.closeness(small) > 0.4).astype(np.float32)
    expected = colour.difference(fill(small, _bare(kappa, screen), smooth=3))
    full = np.maximum(expected, NOTHING)
    side = max(3, round(MARK * size[1]))
    covered = (kappa < np.float32(COVERED) * full).astype(np.uint8)
    if shown is not None:  # beyond what the camera saw nobody stands
        covered &= coarse(shown.astype(np.uint8))
    subject = cv2.morphologyEx(covered, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    away = cv2.distanceTransform(1 - subject, cv2.DIST_L2, 3) > RIM * size[1]
    share = most / np.maximum(cv2.resize(full, (columns, rows)), NOTHING)
    beyond = cv2.resize(away.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
    least = np.float32(SEEN) + np.float32(COVERED - SEEN) * beyond
    known = ((share > least) & (_closeness(mean, colour) > 0)).astype(np.float32)
    return cv2.erode(known, np.ones((3, 3), np.uint8))


def _bare(kappa: Plane, screen: Plane) -> Plane:
    """Screen pixels that have about as much of the screen's colour as the brightest around them."""
    around = cv2.dilate(cv2.GaussianBlur(kappa, (0, 0), 1), np.ones((9, 9), np.uint8))
    return screen * (kappa > 0.7 * around)


def _median(values: Plane, weight: Plane) -> Plane:
    chosen = values[weight > 0.5]
    return np.full_like(values, np.median(chosen) if len(chosen) else 1.0)
