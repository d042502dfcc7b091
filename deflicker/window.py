"""The frames of one shot around the frame in work, and the steps that steady them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from deflicker.arrays import Field, Image, Plane, Stored, as_image, levels8, narrow, pack, unpack, widen
from deflicker.calm import CalmFrames
from deflicker.colour import correction
from deflicker.engine import Engine, View
from deflicker.finish import finish
from deflicker.flow import Flow
from deflicker.frame_cache import CachedSteps, FrameCache, cached
from deflicker.guide_level import GuideLevel, Neighbour
from deflicker.motion import Motion
from deflicker.resize import REFERENCE_HEIGHT, half, reduced
from deflicker.restlessness import restlessness
from deflicker.schedule import Schedule
from deflicker.settings import SteadySettings
from deflicker.shape import jitter
from deflicker.warp import resize_flow, warp

NEXT = (1, 2)
"""Distances of the drawings that a frame is compared with to see whether it flickers."""


class Window(CachedSteps):
    """Answers `steadied(t)` from the frames added: all within `lookaround` of t, as far as the shot has them.

    Each step (see steady.py) is a method that computes one frame of it, and says up to which frame its result is
    read. All are pure functions of the frames.
    """

    def __init__(
        self,
        settings: SteadySettings,
        flow: Flow,
        engine: Engine,
        reread: Callable[[int], Image] | None = None,
    ) -> None:
        """`reread`: gives a drawing once more. Then those far ahead are not held at full size."""
        super().__init__(Schedule.of(settings))
        self._settings = settings
        self._engine = engine
        self._reread = reread
        self._shape: tuple[int, ...] | None = None
        self._motion = Motion(flow, self._schedule)
        self._frames: FrameCache[Stored] = self.cache("frames", -self._schedule.near)
        """The drawings at full size; everything below is small."""
        self._drafts: FrameCache[Stored] = self.cache("drafts", -self._schedule.near)
        """The drawings at the draft's size."""
        self._small: FrameCache[Image] = self.cache("small", self._schedule.small)
        """The drawings at a quarter of it."""
        self._calm = CalmFrames()
        self._first = 0
        """The frame that the steps were begun for; frames that only earlier ones depend on are left out."""
        self._next: int | None = None
        """The frame that the steps are run for next; None before the first one that flickers."""

    def __len__(self) -> int:
        """How many full-size frames are held."""
        return len(self._frames)

    @property
    def lookaround(self) -> int:
        """How far to either side of a frame others are read."""
        return self._settings.lookaround

    @property
    def stages(self) -> tuple[tuple[int, Callable[[int], bool]], ...]:
        """So many frames ahead are to be added, and asked whether they are enough for `steadied`; most often the
        first few tell that a frame stays as it was drawn."""
        return (
            (min(CalmFrames.lookaround, self.lookaround), self._is_calm),
            (self._schedule.near, lambda t: not self._gate(t).any()),
            (self.lookaround, lambda t: True),
        )

    def add_drawn(self, index: int, drawn: Image) -> None:
        """Takes in a drawing, the next one of the shot; its source has to follow.

        Raises:
            ValueError: no such image, or of another size than the shot's first.
        """
        drawn = as_image(drawn, f"stylized frame {index}")
        self._shape = self._shape or drawn.shape
        if drawn.shape != self._shape:
            raise ValueError(f"frame {index} is {_size(drawn.shape)} in a shot of {_size(self._shape)}.")
        draft = self._draft_sized(drawn)
        self._drafts[index] = pack(draft) if draft is drawn else narrow(draft)
        if self._reread is None:
            self._frames[index] = self._drafts[index] if draft is drawn else pack(drawn)
        self._small[index] = half(half(draft))

    def add_source(self, index: int, source: Image) -> None:
        """Takes in the photographed frame of the drawing added last.

        Raises:
            ValueError: no such image, or of another size than the drawing.
        """
        source = as_image(source, f"source frame {index}")
        if self._shape != source.shape:
            drawn, photographed = _size(self._shape or ()), _size(source.shape)
            raise ValueError(f"stylized frame {index} is {drawn}, but its source is {photographed}.")
        draft = self._draft_sized(source)
        guide = levels8(draft)
        self._motion.add(index, guide)
        self._calm.add(index, self._draft(index), guide)

    def forget(self, finished: int) -> None:
        """Drops what no frame after `finished` needs, if frames are finished in their order."""
        self._frames.forget(finished)
        for step in ("_near_neighbours", "_gate"):
            self.cache(step, 0).forget(finished)
        self._calm.forget(finished)
        self._forget_steps(self._begin(finished + 1) - 1)
        self.drop(finished + 1 - self.lookaround)
        self._motion.drop(finished + 1 - self.lookaround)

    def _forget_steps(self, run: int) -> None:
        """Drops what the steps do not need that were run for every frame up to `run`."""
        super().forget(run)
        self._motion.forget(run)

    def steadied(self, t: int) -> Image:
        """Frame t after every step: (height, width, 3) float32 in [0, 1]."""
        stored = self._frame(t)
        if self._is_calm(t) or not self._gate(t).any():
            return np.clip(stored, 0.0, 1.0) if stored.dtype == np.float32 else unpack(stored)
        gate = self._gate(t)
        self._advance(t)
        settled = self._settle(t)
        unit = stored.shape[0] / REFERENCE_HEIGHT
        if settled.shape == stored.shape:
            return finish(stored, settled.copy(), None, gate, unit, self._settings.detail)
        return finish(stored, self._fine(t), settled, gate, unit, self._settings.detail)

    def _is_calm(self, t: int) -> bool:
        """Whether frame t plainly stays as it was drawn."""
        return self._settings.strength == 0 or self._calm.is_calm(t)

    @cached(lambda plan: 0)
    def _gate(self, t: int) -> Plane:
        """How far to go from the drawing to the steadied frame."""
        return self._flicker(t) * np.float32(self._settings.strength)

    def _advance(self, t: int) -> None:
        """Runs each step on every frame up to the last that frame t depends on.

        One frame of each step at a time, the early steps ahead of the late ones, so that little is held at a time
        before the first frame is done too. Neighbours lie at some distances only, so a step might otherwise be
        asked for a frame much later than for the next one, when what it is made from is forgotten. Frames that do
        not flicker ask for no step; what the steps need is kept meanwhile, as long as another frame can ask for it.
        """
        plan = self._schedule
        steps = (
            (self._coloured, plan.colour),
            (self._aligned, plan.align),
            (self._fused_near, plan.fuse_near),
            (self._fused_far, plan.fuse_far),
        )
        begin = self._begin(t)
        if begin != t:
            self._first = t
        for now in range(begin, t + 1):
            for step, ahead in steps:
                if now + ahead in self._drafts and now + ahead >= self._first - ahead:
                    step(now + ahead)
            if now < t:
                self._forget_steps(now)
        self._next = t + 1

    def _begin(self, t: int) -> int:
        """The frame that the steps are run from, if frame t flickers."""
        earliest = t - 2 * self._schedule.colour
        return earliest if self._next is None else max(self._next, earliest)

    # The draft: the whole film at `guide_height` rows at most, step by step.

    @cached(lambda plan: -plan.near)
    def _colour_change(self, t: int) -> Image | None:
        """What step A adds, at quarter size; None for a frame without neighbours."""
        offsets, level = self._settings.colour_offsets, self._motion.quarter
        neighbours = [
            (warp(self._small[u], flow, smooth=False), sure)
            for u, flow, sure in self._motion.neighbours(t, offsets, level)
        ]
        if not neighbours:
            return None
        sigma = self._settings.colour_width * _unit(self._small[t])
        return correction(self._small[t], neighbours, sigma)

    @cached(lambda plan: plan.align)
    def _coloured(self, t: int) -> Image:
        """Step A."""
        drawn, change = self._draft(t), self._colour_change(t)
        if change is None:
            return drawn
        return cv2.add(drawn, cv2.resize(change, drawn.shape[1::-1], interpolation=cv2.INTER_LINEAR))

    @cached(lambda plan: plan.align - plan.near)
    def _coloured_half(self, t: int) -> Image:
        return half(self._coloured(t))

    @cached(lambda plan: -plan.near)
    def _jitter(self, t: int) -> Field:
        """Step C's displacement, at half size: where the drawing's lines lie beside those of a sketch.

        The sketch is step B of drawings that are not aligned yet: blurred, but in the right place.
        """
        drawn = half(self._coloured(t))
        sketch = self._fused(t, self._coloured_half, self._settings.offsets, self._motion.half)
        return jitter(drawn, sketch, _unit(drawn), self._settings.alignment)

    @cached(lambda plan: plan.fuse_near - plan.near)
    def _aligned(self, t: int) -> Image:
        """Step C."""
        return warp(self._coloured(t), self._draft_jitter(t))

    @cached(lambda plan: plan.fuse_far - plan.far)
    def _fused_near(self, t: int) -> Stored:
        """Step B on aligned drawings. Many are kept, so in half floats: exact to a tenth of an 8-bit level."""
        return narrow(self._fused(t, self._aligned, self._settings.offsets, self._motion.draft))

    @cached(lambda plan: -plan.fuse_far)
    def _fused_far(self, t: int) -> Image:
        """The second pass, part one: far neighbours, against slow drift."""

        def fused_near(u: int) -> Image:
            return widen(self._fused_near(u))

        return self._fused(t, fused_near, self._settings.far_offsets, self._motion.half)

    def _settle(self, t: int) -> Image:
        """The second pass, part two: the next neighbours once more."""
        return self._merged(t, self._fused_far, self._beside(t, range(1, self._settings.settling + 1)))

    def _flicker(self, t: int) -> Plane:
        """Where the frame is to be changed at all."""
        own, guide = self._draft(t), self._motion.draft.guide
        offsets = [k for k in NEXT if k <= max(self._settings.offsets)]
        neighbours = [
            (warp(self._draft(u), flow), warp(unpack(guide[u]), flow), sure)
            for u, flow, sure in self._beside(t, offsets)
        ]
        return restlessness(own, unpack(guide[t]), neighbours, _unit(own))

    # The detail: what is finer than the draft can show.

    def _fine(self, t: int) -> Image:
        """Step B at full size, each drawing sampled once, with its colour and shape corrected on the way."""
        views = [View(self._frame(t), self._jitter(t), None, self._colour_change(t))]
        for u, flow, sure in self._beside(t, self._settings.offsets):
            change = self._colour_change(u)
            if change is not None:
                change = warp(change, resize_flow(flow, *change.shape[:2]), smooth=False)
            onwards = cv2.add(flow, warp(self._draft_jitter(u), flow, smooth=False))
            views.append(View(self._frame(u), onwards, sure, change))
        return self._engine.fuse(views, views[0].picture.shape[0] / REFERENCE_HEIGHT)

    def _fused(
        self, t: int, picture: Callable[[int], Image], offsets: Sequence[int], level: GuideLevel
    ) -> Image:
        """Step B on some step's pictures, with the tracks of a level (of their size or a smaller one)."""
        return self._merged(t, picture, self._motion.neighbours(t, offsets, level))

    def _merged(self, t: int, picture: Callable[[int], Image], neighbours: Sequence[Neighbour]) -> Image:
        own = picture(t)
        views = [View(own), *(View(picture(u), flow, sure) for u, flow, sure in neighbours)]
        return self._engine.fuse(views, _unit(own)) if len(views) > 1 else own

    def _beside(self, t: int, offsets: Sequence[int]) -> list[Neighbour]:
        """Those near neighbours of the frame that is finished that lie at some of the offsets."""
        return [neighbour for neighbour in self._near_neighbours(t) if abs(neighbour[0] - t) in offsets]

    @cached(lambda plan: 0)
    def _near_neighbours(self, t: int) -> list[Neighbour]:
        """At the draft's size, for the frame that is finished: several steps ask for them.

        The farther ones are followed for drawings that are larger than the draft alone, for `_fine`.
        """
        offsets = self._settings.offsets
        if self._drafts[t].shape == self._shape:
            offsets = tuple(k for k in offsets if k <= max(*NEXT, self._settings.settling))
        return self._motion.neighbours(t, offsets, self._motion.draft)

    def _frame(self, t: int) -> Stored:
        """A drawing at full size."""
        if t not in self._frames and self._drafts[t].shape == self._shape:
            return self._drafts[t]
        if t not in self._frames:
            assert self._reread is not None
            self._frames[t] = pack(as_image(self._reread(t), f"stylized frame {t}"))
        return self._frames[t]

    def _draft(self, t: int) -> Image:
        """A drawing at the draft's size."""
        stored = self._drafts[t]
        return widen(stored) if stored.dtype == np.float16 else unpack(stored)

    def _draft_jitter(self, t: int) -> Field:
        """Step C's displacement at the draft's size."""
        rows, columns = self._motion.draft.guide[t].shape[:2]
        return resize_flow(self._jitter(t), rows, columns)

    def _draft_sized(self, frame: Image) -> Image:
        return reduced(frame, min(1.0, self._settings.guide_height / frame.shape[0]))


def _unit(picture: Image) -> float:
    return float(picture.shape[0] / REFERENCE_HEIGHT)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}"
