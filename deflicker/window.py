"""The frames of one shot around the frame in work, and what has been computed from them so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from deflicker.anchor import Anchor
from deflicker.arrays import Field, Image, Plane, Stored, as_image, pack, unpack, widen
from deflicker.bare import calm_bare_parts
from deflicker.colour import correction
from deflicker.engine import Engine, View
from deflicker.finish import finish, restlessness
from deflicker.flow import Flow
from deflicker.grids import Grid, Neighbour, half, reduced
from deflicker.settings import Steady
from deflicker.shape import jitter
from deflicker.threads import each
from deflicker.warp import resize_flow, warp

REFERENCE_HEIGHT = 288
"""The frame height, in pixels, for which the filters' widths are given."""
RADII, DIRECTIONS = (8.0, 3.0), 4
"""Where else the motion between two frames is looked for, in px at that height."""
NEXT = (1, 2)
"""Distances to the drawings against which it is told whether one flickers."""


class Window:
    """Answers `steadied(t)` from the frames added: all within `lookaround` of t, as far as the shot has them.

    Each step is a method that computes one frame of it and is remembered for as long as later frames ask for
    it. All are pure functions of the frames, so forgetting costs time and never changes a bit.
    """

    def __init__(
        self, settings: Steady, flow: Flow, engine: Engine, reread: Callable[[int], Image] | None = None
    ) -> None:
        """`reread`: gives a drawing once more. Then those far ahead are not held at full size."""
        self._settings = settings
        self._flow = flow
        self._engine = engine
        self._reread = reread
        self._shape: tuple[int, ...] | None = None
        self._frames: dict[int, Stored] = {}
        """The drawings at full size; everything below is small."""
        self._drafts: dict[int, Stored] = {}
        """The drawings on the draft's grid."""
        self._draft, self._half, self._quarter = Grid(), Grid(), Grid()
        self._small: dict[int, Image] = {}
        """The drawings on the quarter grid."""
        self._changes: dict[int, Image | None] = {}
        self._coloured: dict[int, Image] = {}
        self._coloured_half: dict[int, Image] = {}
        self._jitters: dict[int, Field] = {}
        self._aligned: dict[int, Image] = {}
        self._near: dict[int, Stored] = {}
        self._far: dict[int, Image] = {}
        self._finishing: dict[int, list[Neighbour]] = {}
        """The frame in work, and its neighbours on the draft's grid."""
        self._first: int | None = None
        """The frame asked for first."""
        self._next = 0
        """The frame that the steps are run for next."""

    def __len__(self) -> int:
        """How many full-size frames are held."""
        return len(self._frames)

    @property
    def lookaround(self) -> int:
        """How far to either side of a frame others are read."""
        return self._settings.lookaround

    def add(self, index: int, drawn: Image, source: Image) -> None:
        """Takes in frame `index`, the next one of the shot.

        Raises:
            ValueError: no such images, or of another size than the shot's first.
        """
        self.add_drawn(index, drawn)
        self.add_source(index, source)

    def add_drawn(self, index: int, drawn: Image) -> None:
        """The first half of `add`: a stream need not hold both frames at once."""
        drawn = as_image(drawn, f"stylized frame {index}")
        self._shape = self._shape or drawn.shape
        if drawn.shape != self._shape:
            raise ValueError(f"frame {index} is {_size(drawn.shape)} in a shot of {_size(self._shape)}.")
        draft = self._drafted(drawn)
        if self._reread is None:
            self._frames[index] = pack(drawn)
        self._drafts[index] = pack(draft) if draft is drawn else draft.astype(np.float16)
        self._small[index] = half(half(draft))

    def add_source(self, index: int, source: Image) -> None:
        """The second half of `add`."""
        source = as_image(source, f"source frame {index}")
        if self._shape != source.shape:
            drawn, photographed = _size(self._shape or ()), _size(source.shape)
            raise ValueError(f"stylized frame {index} is {drawn}, but its source is {photographed}.")
        self._draft.guide[index] = cv2.convertScaleAbs(self._drafted(np.maximum(source, 0)), alpha=255)
        self._half.guide[index] = half(self._draft.guide[index])
        self._quarter.guide[index] = half(self._half.guide[index])

    def forget(self, done: int) -> None:
        """Lets go of all that frames after `done` will not ask for, when asked in their order."""
        chosen = self._settings
        near, far, last = max(chosen.offsets), max(chosen.far_offsets, default=0), chosen.settling
        settle = done + 1  # the next frame that each step is asked for
        fuse_far = settle + last
        fuse_near = fuse_far + far
        align = fuse_near + near
        colour = align + near
        for frames, first in (
            (self._far, settle - last),
            (self._near, fuse_far - far),
            (self._aligned, fuse_near - near),
            (self._coloured, align),
            (self._coloured_half, align - near),
            (self._small, colour - max(chosen.colour_offsets)),
            (self._changes, settle - near),
            (self._jitters, settle - near),
            (self._frames, settle - near),
            (self._drafts, settle - near),
        ):
            for index in [index for index in frames if index < first]:
                del frames[index]
        self._draft.forget(min(settle - near, settle - last))
        self._half.forget(min(align - near, fuse_far - far))
        self._quarter.forget(colour - max(chosen.colour_offsets))

    def steadied(self, t: int) -> Image:
        """Frame t after every step: (height, width, 3) float32 in [0, 1]."""
        stored = self._frame(t)
        if self._settings.strength == 0:
            return np.clip(unpack(stored), 0.0, 1.0)
        self._advance(t)
        gate = self._flicker(t) * np.float32(self._settings.strength)
        settled = self._settle(t)
        unit = stored.shape[0] / REFERENCE_HEIGHT
        if settled.shape == stored.shape:
            return finish(stored, settled.copy(), None, gate, unit, self._settings.detail)
        return finish(stored, self._fine(t), settled, gate, unit, self._settings.detail)

    def _advance(self, t: int) -> None:
        """Runs each step on every frame up to the last that frame t hangs on: one frame of each step at a time, the
        early steps ahead of the late ones, so that little is held at a time before the first frame is done too.

        Neighbours lie at some distances only, so a step might be asked for a frame much later than for the next
        one, when what it was to be made from is forgotten.
        """
        chosen = self._settings
        far, near = chosen.settling, max(chosen.offsets)
        fused = far + max(chosen.far_offsets, default=0)
        steps = (
            (self._colour, fused + 2 * near),
            (self._align, fused + near),
            (self._fuse_near, fused),
            (self._fuse_far, far),
        )
        if self._first is None:
            self._first, self._next = t, t - 2 * (fused + 2 * near)
        for now in range(self._next, t + 1):
            for step, reach in steps:
                if now + reach in self._drafts and now + reach >= self._first - reach:
                    step(now + reach)
            if now < t:
                self.forget(now)
        self._next = t + 1

    # The draft: the whole film on a grid of at most `guide_height` rows, step by step.

    def _change(self, t: int) -> Image | None:
        """What step A adds, on the quarter grid."""

        def compute() -> Image | None:
            neighbours = [
                (warp(self._small[u], flow, smooth=False), sure)
                for u, flow, sure in self._neighbours(t, self._settings.colour_offsets, self._quarter)
            ]
            if not neighbours:
                return None
            sigma = self._settings.colour_width * _unit(self._small[t])
            return correction(self._small[t], neighbours, sigma)

        return _once(self._changes, t, compute)

    def _colour(self, t: int) -> Image:
        """Step A."""

        def compute() -> Image:
            drawn, change = self._draft_of(t), self._change(t)
            if change is None:
                return drawn
            return cv2.add(drawn, cv2.resize(change, drawn.shape[1::-1], interpolation=cv2.INTER_LINEAR))

        return _once(self._coloured, t, compute)

    def _sketch(self, t: int) -> Image:
        """Step B on the half grid, from drawings that are not aligned yet: blurred, but in the right place."""

        def halved(u: int) -> Image:
            return _once(self._coloured_half, u, lambda: half(self._colour(u)))

        return self._fused(t, halved, self._settings.offsets, self._half)

    def _jitter(self, t: int) -> Field:
        """Step C's displacement, on the half grid."""

        def compute() -> Field:
            drawn = half(self._colour(t))
            return jitter(drawn, self._sketch(t), _unit(drawn), self._settings.alignment)

        return _once(self._jitters, t, compute)

    def _drafted_jitter(self, t: int) -> Field:
        """The same on the draft's grid."""
        rows, columns = self._draft.guide[t].shape[:2]
        return resize_flow(self._jitter(t), rows, columns)

    def _align(self, t: int) -> Image:
        """Step C."""
        return _once(self._aligned, t, lambda: warp(self._colour(t), self._drafted_jitter(t)))

    def _fuse_near(self, t: int) -> Image:
        """Step B on aligned drawings. Many are kept, so in half floats: exact to a tenth of an 8-bit level."""

        def compute() -> Stored:
            return self._fused(t, self._align, self._settings.offsets, self._draft).astype(np.float16)

        return widen(_once(self._near, t, compute))

    def _fuse_far(self, t: int) -> Image:
        """The second pass, part one: far neighbours, against slow drift."""

        def compute() -> Image:
            return self._fused(t, self._fuse_near, self._settings.far_offsets, self._half)

        return _once(self._far, t, compute)

    def _settle(self, t: int) -> Image:
        """The second pass, part two: the next neighbours once more."""
        return self._merged(t, self._fuse_far, self._beside(t, range(1, self._settings.settling + 1)))

    def _flicker(self, t: int) -> Plane:
        """Where the frame is to be changed at all."""
        own, guide = self._draft_of(t), self._draft.guide
        offsets = [k for k in NEXT if k <= max(self._settings.offsets)]
        neighbours = [
            (warp(self._draft_of(u), flow), warp(unpack(guide[u]), flow), sure)
            for u, flow, sure in self._beside(t, offsets)
        ]
        return restlessness(own, unpack(guide[t]), neighbours, _unit(own))

    # The detail: what is finer than the draft's grid.

    def _fine(self, t: int) -> Image:
        """Step B at full size, each drawing sampled once, with its colour and shape corrected on the way."""
        views = [View(self._frame(t), self._jitter(t), None, self._change(t))]
        for u, flow, sure in self._beside(t, self._settings.offsets):
            change = self._change(u)
            if change is not None:
                change = warp(change, resize_flow(flow, *change.shape[:2]), smooth=False)
            onwards = cv2.add(flow, warp(self._drafted_jitter(u), flow, smooth=False))
            views.append(View(self._frame(u), onwards, sure, change))
        return self._engine.fuse(views, views[0].picture.shape[0] / REFERENCE_HEIGHT)

    def _fused(self, t: int, picture: Callable[[int], Image], offsets: Sequence[int], grid: Grid) -> Image:
        """Step B on some step's pictures, with the tracks of a grid (theirs or a coarser one)."""
        return self._merged(t, picture, self._neighbours(t, offsets, grid))

    def _merged(self, t: int, picture: Callable[[int], Image], neighbours: Sequence[Neighbour]) -> Image:
        own = picture(t)
        views = [View(own), *(View(picture(u), flow, sure) for u, flow, sure in neighbours)]
        return self._engine.fuse(views, _unit(own)) if len(views) > 1 else own

    def _neighbours(self, t: int, offsets: Sequence[int], grid: Grid) -> list[Neighbour]:
        """Each neighbour u at one of the offsets inside the shot: the flow t->u and how far to believe it."""
        farthest = max(offsets, default=0)
        for direction in (-1, 1):
            for distance in range(1, farthest + 1):
                u = t + direction * distance
                if u not in grid.guide:
                    break
                if (u - direction, direction) not in grid.steps:
                    self._learn(u - direction, u)
        ways = each(lambda direction: list(grid.trails(t, direction, offsets)), (-1, 1))
        return [neighbour for way in ways for neighbour in way]

    def _beside(self, t: int, offsets: Sequence[int]) -> list[Neighbour]:
        """The same on the draft's grid for the frame that is finished: several steps ask for it."""
        if t not in self._finishing:
            self._finishing = {t: self._neighbours(t, self._settings.offsets, self._draft)}
        return [neighbour for neighbour in self._finishing[t] if abs(neighbour[0] - t) in offsets]

    def _learn(self, u: int, v: int) -> None:
        """Computes the steps between two neighbouring frames, both ways and on each grid."""
        forward, backward = each(lambda way: self._search(*way), ((u, v), (v, u)))
        for grid in (self._draft, self._half, self._quarter):
            grid.learn(u, v, forward, backward)

    def _search(self, u: int, v: int) -> Field:
        here, there = self._draft.guide[u], self._draft.guide[v]
        anchor, flow = Anchor(here), self._flow(unpack(here), unpack(there))
        flow = anchor.prefer(there, flow, calm_bare_parts(here, there, flow))
        return anchor.propagate(there, flow, RADII, DIRECTIONS)

    def _frame(self, t: int) -> Stored:
        """A drawing at full size."""

        def read() -> Stored:
            assert self._reread is not None
            return pack(as_image(self._reread(t), f"stylized frame {t}"))

        return _once(self._frames, t, read)

    def _draft_of(self, t: int) -> Image:
        stored = self._drafts[t]
        return widen(stored) if stored.dtype == np.float16 else unpack(stored)

    def _drafted(self, frame: Image) -> Image:
        return reduced(frame, min(1.0, self._settings.guide_height / frame.shape[0]))


def _once(kept: dict[int, Any], t: int, compute: Callable[[], Any]) -> Any:
    if t not in kept:
        kept[t] = compute()
    return kept[t]


def _unit(picture: Image) -> float:
    return float(picture.shape[0] / REFERENCE_HEIGHT)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}"
