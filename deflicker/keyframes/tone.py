"""The slow colour of a carried frame: it follows the photograph's light, and passes evenly from key to key.

Lines are taken from one key alone, as a mean of two would show both. Slow colour has no lines: where two keys
differ in it, the mean, moving from the one to the other as time does, is what the eye expects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Image, Plane
from deflicker.keyframes.mix import Carried
from deflicker.resize import REFERENCE_HEIGHT
from deflicker.warp import resize_flow, warp

SLOW = 14.0
"""Deviation of the Gaussian that leaves slow colour, in px at a height of 288."""
HEIGHT_PX = 96
"""Slow colour is found at this height."""
LIGHT = (0.7, 1.4)
"""The photograph's light may change a key's colours by no more, as a factor."""
CALM = 0.03
"""A change of light below this is the photograph's grain, or a flow's error."""
FAINT = np.float32(0.02)
FLOOR = np.float32(4)
"""Added to the photographs' 8-bit levels, so that black is no division by nothing."""


def small_sized(picture: Image | Guide) -> Image:
    """The picture at `HEIGHT_PX`, float32."""
    rows, columns = picture.shape[:2]
    size = (max(1, round(columns * HEIGHT_PX / rows)), HEIGHT_PX)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def slow_change(
    at: int,
    here: Image,
    carried: Sequence[Carried],
    shares: Sequence[Plane],
    keys: Mapping[int, tuple[Image, Image]],
) -> Image:
    """What is to be added to a frame that is mixed of its keys by their shares: (rows, columns, 3), small.

    Args:
        at: the frame's number.
        here: its photograph, as `small_sized` gives it.
        carried: the keys, with the way to each.
        shares: of each key, as `choose` gives them.
        keys: the picture of each key, and its photograph, as `small_sized` gives them.
    """
    rows, columns = here.shape[:2]
    sigma = SLOW * rows / REFERENCE_HEIGHT
    mixed, wanted = np.zeros_like(here), np.zeros_like(here)
    total: Plane = np.zeros((rows, columns), np.float32)
    for one, share in zip(carried, shares, strict=True):
        picture, lit = (
            warp(each, resize_flow(one.flow, rows, columns), smooth=False) for each in keys[one.key]
        )
        sure, part = (
            cv2.resize(each, (columns, rows), interpolation=cv2.INTER_AREA) for each in (one.sure, share)
        )
        mixed = cv2.add(mixed, cv2.multiply(picture, cv2.merge([part] * 3)))
        weight = cv2.multiply(sure, np.full_like(sure, _nearness(at, one.key, carried)))
        relit = cv2.multiply(picture, _light(here, lit, sure, sigma))
        wanted = cv2.add(wanted, cv2.multiply(relit, cv2.merge([weight] * 3)))
        total = cv2.add(total, weight)
    apart = cv2.subtract(wanted, cv2.multiply(mixed, cv2.merge([total] * 3)))
    known = cv2.GaussianBlur(total, (0, 0), sigma) + FAINT
    return cv2.divide(cv2.GaussianBlur(apart, (0, 0), sigma), cv2.merge([known] * 3))


def _nearness(at: int, key: int, carried: Sequence[Carried]) -> float:
    """1 at the key, 0 at the next one on the other side of the frame; 0 for keys beyond those two."""
    before, after = ([one.key for one in carried if (one.key < at) == early] for early in (True, False))
    if not (before and after):
        return 1.0 if key == (max(before) if before else min(after)) else 0.0
    low, high = max(before), min(after)
    if key not in (low, high):
        return 0.0
    return (high - at if key == low else at - low) / (high - low)


def _light(here: Image, lit: Image, sure: Plane, sigma: float) -> Image:
    """By how much the photograph is lighter here than at the key, slowly varying, as a factor."""
    weight = cv2.merge([sure] * 3)
    now, then = (cv2.GaussianBlur(cv2.multiply(each, weight), (0, 0), sigma) for each in (here, lit))
    change = (now + FLOOR) / (then + FLOOR) - np.float32(1)
    calmed = np.sign(change) * np.maximum(np.abs(change) - np.float32(CALM), 0)
    return np.clip(1 + calmed, *LIGHT).astype(np.float32)
