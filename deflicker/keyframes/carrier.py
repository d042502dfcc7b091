"""Painted frames carried through their shot by the motion of the photographed ones.

    steps    the motion between neighbouring frames, both ways                          steps.py
    trace    from every frame the way to each key, compared with the key's photograph   trace.py
    mix      which key each point is taken from                                         mix.py
    tone     slow colour, which follows the photograph's light and passes evenly        tone.py

A frame depends on the keys around it, on the photographs between it and them, and on nothing else: any stretch can
be made alone and is the same to the last bit. What no key shows is left open, and told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Field, Image, Plane
from deflicker.flow import Flow
from deflicker.keyframes.jumps import enlarge_flow
from deflicker.keyframes.mix import Carried, choose
from deflicker.keyframes.settings import CarrySettings
from deflicker.keyframes.steps import Steps, step_search
from deflicker.keyframes.tone import slow_change, small_sized
from deflicker.keyframes.trace import Trace
from deflicker.prefetch import prefetch
from deflicker.threads import each
from deflicker.warp import warp

LEAST_SHARE = 0.004
"""A key with less than this at every point is not drawn."""
FIXED = 32.0
"""Parts of a pixel in which ways are kept."""


@dataclass(frozen=True)
class Key:
    """A painted frame: its number, the picture, (height, width, 3) float32 in [0, 1], and where it is painted,
    (height, width) float32 in [0, 1]; None: everywhere."""

    at: int
    picture: Image
    painted: Plane | None = None


@dataclass(frozen=True)
class Frame:
    """A frame made of keys: `picture` (height, width, 3) float32, and how far it is `known`, (height, width) in
    [0, 1]. What is not known shows the best guess."""

    at: int
    picture: Image
    known: Plane


def carry_keys(
    guides: Mapping[int, Guide],
    keys: Sequence[Key],
    wanted: Sequence[int],
    settings: CarrySettings | None = None,
    flow: Flow | None = None,
) -> Iterator[Frame]:
    """Yields the frames `wanted` of one shot, as the keys show them.

    Args:
        guides: the photographed frames by number, (height, width, 3) uint8, of at most `guide_height` rows: all
            that `span_of` names.
        keys: by number, at least one, all of one size.
        wanted: frames of the shot, ascending.
        settings: None for the defaults.
        flow: None for `step_search`.

    Raises:
        ValueError: no key, keys that differ in size, or a frame that is not given.
    """
    settings = settings or SETTINGS
    ordered = sorted(keys, key=lambda key: key.at)
    if not ordered:
        raise ValueError("no key is given.")
    if len({key.picture.shape for key in ordered}) > 1:
        raise ValueError("the keys differ in size.")
    missing = [at for at in span_of([key.at for key in ordered], wanted, settings) if at not in guides]
    if missing:
        raise ValueError(f"frame {missing[0]} is not given.")
    steps = Steps(guides, flow or step_search(settings.guide_height))
    ways = _Ways(guides, steps, [key.at for key in ordered], wanted, settings.keys_each_side)
    drawer = _Drawer({key.at: key for key in ordered}, guides)
    for at, carried in prefetch((at, ways.of(at)) for at in wanted):
        yield drawer.frame(at, carried)


def span_of(keys: Sequence[int], wanted: Sequence[int], settings: CarrySettings | None = None) -> range:
    """The photographs that are read to make the frames `wanted` from keys at these numbers."""
    each_side = (settings or SETTINGS).keys_each_side
    used = {key for at in (wanted[0], wanted[-1]) for key in _asked(at, sorted(keys), each_side)}
    used |= {key for key in keys if wanted[0] <= key <= wanted[-1]}
    return range(min(min(used), wanted[0]), max(max(used), wanted[-1]) + 1)


SETTINGS = CarrySettings()


def _asked(at: int, keys: Sequence[int], each_side: int) -> list[int]:
    """The keys that a frame is made of: itself where it is one, else the nearest on each side."""
    if at in keys:
        return [at]
    return [*[key for key in keys if key < at][-each_side:], *[key for key in keys if key > at][:each_side]]


class _Walk:
    """Goes from a key through the frames that are made of it, on one side of it, and keeps the ways back to it."""

    def __init__(self, guides: Mapping[int, Guide], steps: Steps, key: int, askers: Sequence[int]) -> None:
        """`askers`: the frames that are made of the key, all of them on one side of it, ascending."""
        self.key = key
        self._guides, self._steps = guides, steps
        self._later = askers[0] > key
        self._asked, self._last = frozenset(askers), askers[-1]
        self._ends_at = askers[-1] if self._later else askers[0]
        self._trace: Trace | None = None
        self._at = key
        self._kept: dict[int, tuple[Field, Plane]] = {}

    def asks(self, at: int) -> bool:
        """Whether a frame is made of the key."""
        return at in self._asked

    def ends_with(self, at: int) -> bool:
        """Whether no frame after this one is made of the key."""
        return at >= self._last

    @property
    def first_step(self) -> float:
        """The first frame of those whose steps it still goes; infinite once it goes no more."""
        if self._at == self._ends_at:
            return inf
        return min(self._at, self._ends_at)

    def prepare(self, at: int) -> None:
        """Finds the motion between the frames that `go` goes through."""
        for here in self._ahead(at):
            self._steps.between(here, here - 1 if self._later else here + 1)

    def go(self, at: int) -> None:
        """Sees that the way from frame `at` is known. After its key frames come as they are asked for; before it,
        the first that is asked for is the farthest, so all of them are gone through at once."""
        trace = self._trace = self._trace or Trace(self._guides[self.key])
        for here in self._ahead(at):
            trace.go(self._guides[here], self._steps.between(here, here - 1 if self._later else here + 1))
            self._at = here
            if here in self._asked:
                way = np.rint(trace.flow * FIXED).clip(-32767, 32767).astype(np.int16)
                self._kept[here] = way, np.rint(trace.sure * 255).astype(np.uint8)

    def take(self, at: int) -> Carried:
        """The way from frame `at`, which is let go."""
        way, sure = self._kept.pop(at)
        flow = way.astype(np.float32) / np.float32(FIXED)
        return Carried(self.key, flow, sure.astype(np.float32) / np.float32(255))

    def _ahead(self, at: int) -> range:
        """The frames from where the walk stands, to frame `at`."""
        return range(self._at + 1, at + 1) if self._later else range(self._at - 1, at - 1, -1)


class _Ways:
    """From each frame the ways to the keys that it is made of; asked for in the order of the frames. What was found
    on the way from a key is let go with the last frame that is made of it."""

    def __init__(
        self,
        guides: Mapping[int, Guide],
        steps: Steps,
        keys: Sequence[int],
        wanted: Sequence[int],
        each_side: int,
    ) -> None:
        self._steps = steps
        self._walks: list[_Walk] = []
        for key in keys:
            asked = [at for at in wanted if at != key and key in _asked(at, keys, each_side)]
            sides = [at for at in asked if at < key], [at for at in asked if at > key]
            self._walks += [_Walk(guides, steps, key, side) for side in sides if side]

    def of(self, at: int) -> list[Carried]:
        """The keys that frame `at` is made of, each with the way to it."""
        walks = [walk for walk in self._walks if walk.asks(at)]
        for walk in walks:  # each step is searched once, whoever goes it
            walk.prepare(at)
        each(lambda walk: walk.go(at), walks)
        self._walks = [walk for walk in self._walks if not walk.ends_with(at)]
        self._steps.forget_before(min((walk.first_step for walk in self._walks), default=inf))
        return [walk.take(at) for walk in walks]


class _Drawer:
    """Puts frames together from their keys."""

    def __init__(self, keys: Mapping[int, Key], guides: Mapping[int, Guide]) -> None:
        self._keys, self._guides = keys, guides
        self._small: dict[int, tuple[Image, Image]] = {}

    def frame(self, at: int, ways: Sequence[Carried]) -> Frame:
        """Frame `at`, made of the keys to which there are ways."""
        if at in self._keys:
            own = self._keys[at]
            everywhere = np.ones(own.picture.shape[:2], np.float32)
            return Frame(at, own.picture, everywhere if own.painted is None else own.painted)
        carried = [_where_painted(one, self._keys[one.key]) for one in ways]
        shares, known = choose(at, carried)
        rows, columns = self._keys[carried[0].key].picture.shape[:2]
        small = {one.key: self._small_key(one.key) for one in carried}
        slow = slow_change(at, small_sized(self._guides[at]), carried, shares, small)
        picture: Image = cv2.resize(slow, (columns, rows), interpolation=cv2.INTER_LINEAR)
        for one, share in zip(carried, shares, strict=True):
            if float(share.max()) < LEAST_SHARE:
                continue
            part = cv2.resize(share, (columns, rows), interpolation=cv2.INTER_LINEAR)
            drawn = warp(self._keys[one.key].picture, enlarge_flow(one.flow, rows, columns))
            picture = cv2.add(picture, cv2.multiply(drawn, cv2.merge([part] * 3)))
        known = cv2.resize(known, (columns, rows), interpolation=cv2.INTER_LINEAR)
        return Frame(at, np.clip(picture, 0, 1), known)

    def _small_key(self, key: int) -> tuple[Image, Image]:
        if key not in self._small:
            self._small[key] = small_sized(self._keys[key].picture), small_sized(self._guides[key])
        return self._small[key]


def _where_painted(one: Carried, key: Key) -> Carried:
    """Nothing is known of what the key leaves unpainted."""
    if key.painted is None:
        return one
    rows, columns = one.sure.shape
    painted = cv2.resize(key.painted, (columns, rows), interpolation=cv2.INTER_AREA)
    return replace(one, sure=cv2.multiply(one.sure, warp(painted, one.flow, smooth=False)))
