"""A drawing of one moment, carried to another along the photographed motion."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deflicker.arrays import Image, Plane, as_image
from deflicker.flow import DIS, Flow
from deflicker.resize import REFERENCE_HEIGHT
from deflicker.track import confidence, resize_track, step
from deflicker.warp import warp

CLEARLY = 0.25
"""How much surer of the next drawing one must be for it to show through where this one is hidden."""


def carry(drawn: Image, there: Image, here: Image, flow: Flow) -> tuple[Image, Plane]:
    """The drawing of the frame `there`, as the frame `here` would have it, and how far that can be believed.

    Args:
        drawn: (height, width, 3) float32.
        there, here: the photographed frames, of one size, which may be smaller than the drawing's.
        flow: of the photographed frames.

    Returns:
        (height, width, 3), and the confidence, (height, width) in [0, 1].
    """
    track = step(flow(here, there), flow(there, here))
    rows, columns = drawn.shape[:2]
    motion, sure = resize_track(track[..., :2], confidence(track, here, there), rows, columns)
    return warp(drawn, motion), sure


def glide(here: Image, keys: Sequence[tuple[Image, Image]], flow: Flow | None = None) -> Image:
    """The frame `here` between two drawings: the first one moved along, the second where that shows nothing.

    The drawings are not mixed, so that lines stay as sharp as they are drawn; only what the first one cannot
    know, because it was hidden then, comes from the second.

    Args:
        here: the photographed frame, (height, width, 3) float32 in [0, 1].
        keys: one or two drawings, in order of preference, each with its photographed frame; all of one size.
        flow: None for `DIS`.

    Returns:
        (height, width, 3) float32 in [0, 1].

    Raises:
        ValueError: no key, or a frame that is no such array or of another size.
    """
    if not 1 <= len(keys) <= 2:
        raise ValueError(f"a frame glides between one or two drawings, not {len(keys)}.")
    here = as_image(here, "the source frame")
    pairs = [(as_image(drawn, "a drawing"), as_image(there, "its source")) for drawn, there in keys]
    for picture in (picture for pair in pairs for picture in pair):
        if picture.shape != here.shape:
            raise ValueError(f"frames of {picture.shape[:2]} and {here.shape[:2]} cannot be one film's.")
    flow = flow or DIS()
    carried = [carry(drawn, there, here, flow) for drawn, there in pairs]
    picture, sure = carried[0]
    if len(carried) == 2:
        other, seen = carried[1]
        shows: Plane = np.clip((seen - sure) / np.float32(CLEARLY) - 1, 0, 1)
        shows = cv2.GaussianBlur(shows, (0, 0), here.shape[0] / REFERENCE_HEIGHT)
        picture = cv2.add(picture, cv2.multiply(cv2.subtract(other, picture), cv2.merge([shows] * 3)))
    return np.clip(picture, 0.0, 1.0)
