"""A backdrop painted a few times and shown in every frame.

A painter (a model, or a person) need not paint each frame of a set: a locked camera sees one picture, a camera
that turns sees parts of one oversized picture, and for one that moves, a few key pictures are carried to the other
frames by the depth of the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.backdrop.base import Backdrop
from compositing.camera.record import Camera, Kind, View
from compositing.colour import Image, Plane
from compositing.merge.spread import spread_colour

Mask = NDArray[np.bool_]

WIDEST = 3.5
"""An oversized picture is at most this many times as wide or high as the frame: more becomes another picture."""
WHOLE = 0.985
"""The share of every frame that key pictures must show."""
MARGIN = 0.08
"""A key picture shows this much more than its frame, on each side."""
LOOK = 120
"""Rows at which coverage is reckoned."""
INK = 1 / 180
"""How far beside a thing its outline is drawn, in picture heights."""
SAME = 0.03
"""Depths that differ by less than this belong to one surface."""
STEP = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Key:
    """A picture to be painted: what it shows, and the frame that it belongs to."""

    view: View
    frame: int


def kind_of(camera: Camera) -> Kind:
    """What a camera's path is, to a tenth of a pixel: locked, rotation (and zoom), or translating."""
    reach = np.abs(camera.world[:, :3, 3] - camera.world[0, :3, 3]).max()
    if reach > 1e-6:
        return "translating"
    turned = np.abs(camera.world[:, :3, :3] - camera.world[0, :3, :3]).max()
    zoomed = np.abs(camera.focal_mm / camera.focal_mm[0] - 1).max()
    limit = 0.1 / camera.view(0).matrix[0, 0]
    return "locked" if turned < limit and zoomed < limit else "rotation"


def choose_keys(backdrop: Backdrop, camera: Camera) -> list[Key]:
    """The fewest pictures from which every frame can be shown.

    Raises:
        ValueError: the backdrop moves by itself, so every frame is another picture.
    """
    if backdrop.moves:
        raise ValueError("a film plate moves by itself: each of its frames is painted")
    if kind_of(camera) != "translating" or backdrop.far:
        return _sectors(camera)
    return _key_frames(backdrop, camera)


def _sectors(camera: Camera) -> list[Key]:
    """Oversized pictures, each for a run of frames as long as its size allows."""
    keys, start = [], 0
    while start < len(camera):
        low, high = start + 1, len(camera)
        while low < high:  # the longest run that one picture can show
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _oversized(camera, start, middle) else (low, middle - 1)
        view = _oversized(camera, start, low)
        assert view is not None  # one frame always fits
        keys.append(Key(view, start))
        start = low
    return keys


def _oversized(camera: Camera, start: int, end: int) -> View | None:
    """One straight view that shows all that frames `start` to `end` see, or None where it would be too wide."""
    numbers = np.unique(np.rint(np.linspace(start, end - 1, min(end - start, 120))).astype(int))
    middle = camera.view(int(numbers[len(numbers) // 2])).straight
    finest = max(float(camera.focal_mm[number]) for number in range(start, end))
    scale = finest / float(camera.focal_mm[int(numbers[len(numbers) // 2])])
    matrix = middle.matrix.copy()
    matrix[0, 0] *= scale
    matrix[1, 1] *= scale
    home = replace(middle, matrix=matrix)
    rim = _rim(camera.size)
    low, high = np.zeros(2), np.array(camera.size, np.float64) - 1
    for number in numbers:
        seen = camera.view(int(number)).rays(rim) @ home.rotation.T
        if (seen[:, 2] < 0.2).any():
            return _alone(home, camera, start, end)
        flat = seen[:, :2] / seen[:, 2:] * matrix.diagonal()[:2] + matrix[:2, 2]
        low, high = np.minimum(low, flat.min(axis=0)), np.maximum(high, flat.max(axis=0))
    if end - start > 1 and ((high - low + 1) > WIDEST * np.array(camera.size)).any():
        return None
    left, top = (int(np.floor(each)) - (1 if each < 0 else 0) for each in low)
    right, bottom = (int(np.ceil(each)) for each in high)
    if end - start > 1 or left or top:
        right, bottom = right + 1, bottom + 1
    matrix[:2, 2] -= (left, top)
    return replace(home, matrix=matrix, size=(right - left + 1, bottom - top + 1))


def _alone(home: View, camera: Camera, start: int, end: int) -> View | None:
    return home if end - start == 1 else None


def _rim(size: tuple[int, int]) -> NDArray[np.float64]:
    along = np.linspace(0, 1, 9)
    sides = [np.stack([along, np.full(9, k)], 1) for k in (0, 1)] + [
        np.stack([np.full(9, k), along], 1) for k in (0, 1)
    ]
    return np.asarray(np.concatenate(sides) * (np.array(size) - 1))


def _key_frames(backdrop: Backdrop, camera: Camera) -> list[Key]:
    """Greedy cover: the key that shows the most of what no key shows yet, until all frames are whole."""
    rows = min(LOOK, camera.size[1])
    small = camera.resized((max(16, round(camera.size[0] * rows / camera.size[1])), rows))
    numbers = np.unique(np.rint(np.linspace(0, len(camera) - 1, min(len(camera), 25))).astype(int))
    views = [small.view(int(number)).straight for number in numbers]
    depths = [backdrop.render(view, float(number))[1] for view, number in zip(views, numbers, strict=True)]
    keys = [_with_margin(view) for view in views]
    key_depths = [backdrop.render(key, float(number))[1] for key, number in zip(keys, numbers, strict=True)]
    bare: list[Mask] = [np.ones(depth.shape, bool) for depth in depths]
    chosen: list[int] = []
    shows = {}
    for k, (key, depth) in enumerate(zip(keys, key_depths, strict=True)):
        shows[k] = [_places(view, own, key, depth)[2] for view, own in zip(views, depths, strict=True)]
    while min(1 - mask.mean() for mask in bare) < WHOLE and len(chosen) < len(keys):
        gains = {
            k: sum(int((mask & seen).sum()) for mask, seen in zip(bare, shows[k], strict=True)) for k in shows
        }
        best = max(gains, key=lambda k: (gains[k], -k))
        if gains[best] == 0:
            break
        chosen.append(best)
        bare = [mask & ~seen for mask, seen in zip(bare, shows.pop(best), strict=True)]
    return [Key(_with_margin(camera.view(int(numbers[k])).straight), int(numbers[k])) for k in sorted(chosen)]


def _with_margin(view: View) -> View:
    margin = (round(MARGIN * view.size[0]), round(MARGIN * view.size[1]))
    return view.resized((view.size[0] + 2 * margin[0], view.size[1] + 2 * margin[1]), margin)


@dataclass
class Painted:
    """A backdrop that shows painted key pictures, each carried to where the set's own depth says.

    `pictures` are those of `keys`, in order, (h, w, 3) float32, scene-linear, of the keys' sizes or any of the same
    shape.
    """

    backdrop: Backdrop
    keys: Sequence[Key]
    pictures: Sequence[Image]

    moves = False

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.pictures) or not self.keys:
            raise ValueError(f"{len(self.keys)} key pictures are due, {len(self.pictures)} came.")
        self._depths = [
            with_outline(self.backdrop.render(key.view, float(key.frame))[1]) for key in self.keys
        ]

    @property
    def far(self) -> bool:
        return self.backdrop.far

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        """The nearest keys' pictures; what none of them shows takes on the colours beside it."""
        own, depth = self.backdrop.render(view, frame)
        light = np.zeros_like(own)
        bare = np.ones(depth.shape, bool)
        surface = with_outline(depth)
        for k in sorted(range(len(self.keys)), key=lambda k: abs(self.keys[k].frame - frame)):
            across, down, seen = _places(view, surface, self.keys[k].view, self._depths[k])
            use = seen & bare
            if not use.any():
                continue
            picture = self.pictures[k]
            width, height = self.keys[k].view.size
            scale = picture.shape[1] / width, picture.shape[0] / height
            across, down = (
                (np.float32(s) * (p + np.float32(0.5)) - np.float32(0.5))
                for s, p in zip(scale, (across, down), strict=True)
            )
            sampled = cv2.remap(picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            light[use] = sampled[use]
            bare &= ~use
            if not bare.any():
                break
        if bare.any():
            near, _ = spread_colour(light, (~bare).astype(np.float32), max(2.0, 0.01 * view.size[1]))
            light[bare] = near[bare]
        return np.maximum(light, 0), depth


def with_outline(depth: Plane) -> Plane:
    """The depth of a drawing: a contour's ink lies on what it bounds, though half of it is drawn beside it."""
    side = 2 * max(1, round(INK * depth.shape[0])) + 1
    return cv2.erode(depth, np.ones((side, side), np.uint8))


def _places(view: View, depth: Plane, key: View, key_depth: Plane) -> tuple[Plane, Plane, Mask]:
    """Where in a key picture each pixel of a view is: column, row, and whether the key shows it (no occlusion)."""
    width, height = view.size
    x = ((np.arange(width) - view.matrix[0, 2]) / view.matrix[0, 0]).astype(np.float32)
    y = ((np.arange(height) - view.matrix[1, 2]) / view.matrix[1, 1]).astype(np.float32)[:, None]
    turn = (key.rotation @ view.rotation.T).astype(np.float32)
    shift = (key.rotation @ (view.position - key.position)).astype(np.float32)
    # In units of the pixel's own depth, so that infinity is a number like any other.
    nearness = np.where(np.isfinite(depth), 1 / np.maximum(depth, np.float32(1e-4)), np.float32(0))
    seen = [turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] + shift[k] * nearness for k in range(3)]
    ahead = seen[2] > 1e-3
    inverse = 1 / np.where(ahead, seen[2], np.float32(1))
    across = seen[0] * inverse * np.float32(key.matrix[0, 0]) + np.float32(key.matrix[0, 2])
    down = seen[1] * inverse * np.float32(key.matrix[1, 1]) + np.float32(key.matrix[1, 2])
    columns, rows = key.size
    inside = ahead & (across > -0.51) & (across < columns - 0.49) & (down > -0.51) & (down < rows - 0.49)
    if np.array_equal(view.position, key.position):  # from one place nothing hides another thing anew
        return across.astype(np.float32), down.astype(np.float32), inside
    key_nearness = np.where(np.isfinite(key_depth), 1 / np.maximum(key_depth, np.float32(1e-4)), 0).astype(
        np.float32
    )
    # Nearness, unlike depth, is linear across a plane, so it may be interpolated. At a step, either side will do:
    # there the picture itself is a mixture of both.
    farthest, nearest = (
        cv2.remap(step(key_nearness, STEP), across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for step in (cv2.erode, cv2.dilate)
    )
    expected = nearness * inverse
    slack = np.float32(SAME) * np.maximum(expected, nearest) + np.float32(1e-5)
    agrees = (expected >= farthest - slack) & (expected <= nearest + slack)
    return across.astype(np.float32), down.astype(np.float32), inside & agrees
