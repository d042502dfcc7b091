"""Where each point of a frame lies in a key frame, followed from the key on, a frame at a time.

The way to the key is the step to the frame before, and from there the way that is already known. Such a chain
drifts and loses what is hidden on the way, so every frame is compared with the key's own photograph: each point may
take the motion of points nearby if that fits better, and what fits again after it was hidden is found again.

Where a photograph is bare, any motion fits, and each point would choose its own: lines of a painting would waver
there. So motions that are alike are made even.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.anchor import Anchor, Guide
from deflicker.arrays import Field, Plane, magnitude, slopes, widen
from deflicker.confidence import PHOTOMETRIC, outside
from deflicker.keyframes.fill import fill
from deflicker.keyframes.jumps import warp_flow
from deflicker.resize import REFERENCE_HEIGHT
from deflicker.track import Track
from deflicker.warp import grid, warp

RADII, DIRECTIONS = (12.0, 6.0, 3.0), 4
"""Where other motions are tried, in px at a height of 288."""
NOISE = 0.5
"""What a step's round trip may miss for nothing."""
LOST = 0.3
"""Below this belief in the chain, the motion of what is believed around is tried first."""
PATCH, SHADE = 1.5, 12.0
"""Deviations in units: pictures are compared over the first; a change of light wider than the second is none."""
FITS = 0.7
"""Unlikeness, as a cost, below which a point that was lost is found again ..."""
FOUND = 0.2
"""... by so much of its belief a frame: one likeness may be chance, several hardly."""

ALIKE, AROUND = 1.0, 3.0
"""Motions are made even with those that differ by about the first, over the second: deviations in units."""
EVENED_PX = 3.0
"""... of those so far to each side, in units."""

OUTLINES = ((2.5, (6.0, 14.0)), (4.5, (12.0, 22.0)))
"""How far paint reaches beyond the edge of a thing, as an outline does, in units; and by how much an edge of the
key's photograph must be steeper than twice any here, in 8-bit levels a pixel, to have gone: from the first on in
part, from the second on wholly. Thick outlines stand at hard edges; with so long a reach everywhere, soft hair
would be opened too."""


class Trace:
    """Follows every point of a key frame through a shot in one direction of time.

    Attributes:
        flow: from the frame arrived at to the key, (height, width, 2) px.
        sure: how far to believe it, (height, width) in [0, 1].
    """

    def __init__(self, key: Guide) -> None:
        """`key`: the photographed frame that was painted, (height, width, 3) uint8."""
        rows, columns = key.shape[:2]
        self._key = key
        self._unit = rows / REFERENCE_HEIGHT
        self.flow: Field = np.zeros((rows, columns, 2), np.float32)
        self.sure: Plane = np.ones((rows, columns), np.float32)
        self._held: Plane = np.ones((rows, columns), np.float32)
        self._edges = self._edges_around(key)

    def go(self, here: Guide, back: Track) -> None:
        """One step on, to the frame `here`; `back` is the step from it to the frame arrived at before."""
        x, y, cost = cv2.split(widen(back))
        motion = cv2.merge([x, y])
        held = cv2.exp(-np.maximum(cost - np.float32(NOISE), 0))
        held = cv2.multiply(held, np.clip(warp(self._held, motion, smooth=False), 0, 1))
        held[outside(motion)] = 0
        flow = cv2.add(motion, warp_flow(self.flow, motion))
        anchor = Anchor(here)
        flow = fill(flow, held, LOST)
        flow = anchor.propagate(self._key, flow, RADII, DIRECTIONS)
        self.flow = anchor.register(self._key, self._evened(flow))
        unlike = self._unlike(here)
        found = (unlike < FITS) & (held < 1)
        self._held = np.minimum(np.where(found, held + np.float32(FOUND), held), 1).astype(np.float32)
        self.sure = cv2.multiply(self._held, cv2.exp(-unlike))
        self.sure = cv2.multiply(self.sure, 1 - self._outlines_left(here))
        self.sure[outside(self.flow)] = 0

    def _outlines_left(self, here: Guide) -> Plane:
        """Where the key shows the outline of a thing that is no longer there, (height, width) in [0, 1].

        An outline lies in part on the ground around the thing, and stays behind with it as far as motion tells. But
        paint has its lines where the photograph has edges: where the key's had one, and this one has none, it has
        gone. An edge that is half as steep may be the same one, blurred by motion.
        """
        left: Plane = np.zeros(here.shape[:2], np.float32)
        around = zip(self._edges, self._edges_around(here), OUTLINES, strict=True)
        for theirs, ours, (_, (least, most)) in around:
            gone = cv2.subtract(warp(theirs, self.flow, smooth=False), ours * np.float32(2))
            left = np.maximum(left, np.clip((gone - least) / (most - least), 0, 1)).astype(np.float32)
        return left

    def _edges_around(self, photograph: Guide) -> list[Plane]:
        """The steepest edge within each of the outlines' reaches, in 8-bit levels a pixel."""
        luma = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY).astype(np.float32)
        steep = magnitude(*slopes(luma))
        return [cv2.dilate(steep, self._round(reach)) for reach, _ in OUTLINES]

    def _round(self, radius: float) -> np.ndarray:
        side = 2 * round(radius * self._unit) + 1
        return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))

    def _evened(self, flow: Field) -> Field:
        """The flow, each point's a mean of those around that move alike."""
        x, y = cv2.split(flow)
        three = cv2.merge([x, y, np.zeros_like(x)])  # OpenCV's bilateral filter takes one channel or three
        across = 2 * round(EVENED_PX * self._unit) + 1
        even = cv2.bilateralFilter(three, across, ALIKE * self._unit, AROUND * self._unit)
        return np.ascontiguousarray(even[..., :2])

    def _unlike(self, here: Guide) -> Plane:
        """How far the key, carried here, differs from the photograph: a cost, over a small neighbourhood."""
        where = cv2.add(grid(*here.shape[:2]), self.flow)
        seen = cv2.remap(self._key, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        apart = cv2.subtract(seen, here, dtype=cv2.CV_32F)
        apart = cv2.subtract(apart, cv2.GaussianBlur(apart, (0, 0), SHADE * self._unit) * np.float32(0.8))
        scale = PHOTOMETRIC * 255
        weights = np.full((1, 3), 1 / (3 * 2 * scale**2), np.float32)
        cost = np.minimum(cv2.transform(cv2.multiply(apart, apart), weights), np.float32(6))
        return cv2.GaussianBlur(cost, (0, 0), PATCH * self._unit)
