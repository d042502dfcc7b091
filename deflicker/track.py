"""Flow over several frames, as a chain of steps from each frame to the next.

A step is (height, width, 3): displacement x and y in pixels, and the cost of believing it. Chains of
single steps are more exact than a direct search across two or more frames, because each step is small,
and every length costs the same two searches a frame. A point that was hidden once on the way is lost for
good: its cost stays high.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Field, Image, Plane, set_where
from deflicker.confidence import OUTSIDE, likeness_cost, outside, round_trip_cost
from deflicker.warp import resize_flow, warp

Track = np.ndarray


def step(forward: Field, backward: Field) -> Track:
    """One step of a chain from F(t->t+1) and F(t+1->t)."""
    return cv2.merge([forward, round_trip_cost(forward, backward)])


def parted(track: Track) -> tuple[Field, Plane]:
    """A track's motion, (height, width, 2), and its cost, (height, width)."""
    motion = np.empty((*track.shape[:2], 2), track.dtype)
    cv2.mixChannels([track], [motion], (0, 0, 1, 1))
    return motion, cv2.extractChannel(track, 2)


def extend(track: Track, following: Track) -> Track:
    """The track t->u, followed by the step u->v where it arrives: t->v."""
    return cv2.add(track, warp(following, parted(track)[0], smooth=False))


def confidence(track: Track, here: Image, there: Image) -> Plane:
    """c in [0, 1]: the round trips on the way, the likeness of the ends, and the frame's border.

    Args:
        track: t->u, (height, width, 3).
        here, there: the photographed frames t and u, (height, width, 3) in [0, 1].

    Returns:
        (height, width) float32.
    """
    motion, cost = parted(track)
    return confidence_in(motion, cost, here, warp(there, motion, smooth=False))


def confidence_in(motion: Field, cost: Plane, here: Image, seen: Image) -> Plane:
    """The confidence in a track in its two parts; `seen` is the photographed frame u, carried to t."""
    doubt = cv2.add(likeness_cost(here, seen), cost)
    set_where(doubt, outside(motion), OUTSIDE)
    return cv2.exp(-doubt)


def resize_track(flow: Field, sure: Plane, height: int, width: int) -> tuple[Field, Plane]:
    """A track's flow and confidence on a grid of another size."""
    if sure.shape != (height, width):
        sure = cv2.resize(sure, (width, height), interpolation=cv2.INTER_LINEAR)
    return resize_flow(flow, height, width), sure
