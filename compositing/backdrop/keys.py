"""Which views of a backdrop have to be painted, so that every frame of the shot can be shown.

A painter (a model, or a person) need not paint each frame of a set: a locked camera sees one picture, a camera
that turns sees parts of one oversized picture, and for one that moves, a few key pictures are reprojected to the
other frames by the depth of the set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compositing.backdrop.base import Backdrop
from compositing.backdrop.reproject import Mask, places_in_key
from compositing.camera.record import Camera, Kind, View
from compositing.errors import UnusableBackdrop

WIDEST = 3.5
"""An oversized picture is at most this many times as wide or high as the frame: more becomes another picture."""
WHOLE = 0.985
"""The share of every frame that key pictures must show."""
MARGIN = 0.08
"""A key picture shows this much more than its frame, on each side."""
COVERAGE_ROWS = 120
"""The height at which it is counted which part of a frame a key picture shows."""
BEHIND = 0.2
"""What is seen at less than this cosine from a view's axis lies too far aside for one flat picture."""


@dataclass(frozen=True)
class KeyView:
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


def choose_key_views(backdrop: Backdrop, camera: Camera) -> list[KeyView]:
    """The fewest pictures from which every frame can be shown.

    Raises:
        UnusableBackdrop: the backdrop moves by itself, so every frame is another picture.
    """
    if backdrop.moves:
        raise UnusableBackdrop("A film plate moves by itself: each of its frames is painted.")
    if kind_of(camera) != "translating" or backdrop.far:
        return _sectors(camera)
    return _key_frames(backdrop, camera)


def _sectors(camera: Camera) -> list[KeyView]:
    """Oversized pictures, each for a run of frames as long as its size allows."""
    keys, start = [], 0
    while start < len(camera):
        low, high = start + 1, len(camera)
        while low < high:  # the longest run that one picture can show
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _oversized(camera, start, middle) else (low, middle - 1)
        view = _oversized(camera, start, low)
        assert view is not None  # one frame always fits
        keys.append(KeyView(view, start))
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
        if (seen[:, 2] < BEHIND).any():
            return home if end - start == 1 else None
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


def _rim(size: tuple[int, int]) -> NDArray[np.float64]:
    """Points along the border of a picture, (36, 2) px."""
    along = np.linspace(0, 1, 9)
    sides = [np.stack([along, np.full(9, k)], 1) for k in (0, 1)] + [
        np.stack([np.full(9, k), along], 1) for k in (0, 1)
    ]
    return np.asarray(np.concatenate(sides) * (np.array(size) - 1))


def _key_frames(backdrop: Backdrop, camera: Camera) -> list[KeyView]:
    """Greedy cover: the key that shows the most of what no key shows yet, until all frames are whole."""
    rows = min(COVERAGE_ROWS, camera.size[1])
    small = camera.resized((max(16, round(camera.size[0] * rows / camera.size[1])), rows))
    numbers = np.unique(np.rint(np.linspace(0, len(camera) - 1, min(len(camera), 25))).astype(int))
    views = [small.view(int(number)).straight for number in numbers]
    depths = [backdrop.render(view, float(number))[1] for view, number in zip(views, numbers, strict=True)]
    keys = [_with_margin(view) for view in views]
    key_depths = [backdrop.render(key, float(number))[1] for key, number in zip(keys, numbers, strict=True)]
    shows = {
        k: [places_in_key(view, own, key, depth)[2] for view, own in zip(views, depths, strict=True)]
        for k, (key, depth) in enumerate(zip(keys, key_depths, strict=True))
    }
    chosen = _greedy_cover([np.ones(depth.shape, bool) for depth in depths], shows)
    return [KeyView(_with_margin(camera.view(int(numbers[k])).straight), int(numbers[k])) for k in chosen]


def _greedy_cover(bare: list[Mask], shows: dict[int, list[Mask]]) -> list[int]:
    """The keys that together show nearly all of every frame, ascending.

    Args:
        bare: for each frame, what is to be shown.
        shows: for each key, what it shows of each frame.
    """
    chosen: list[int] = []
    while min(1 - mask.mean() for mask in bare) < WHOLE and shows:
        gains = {
            k: sum(int((mask & seen).sum()) for mask, seen in zip(bare, shows[k], strict=True)) for k in shows
        }
        best = max(gains, key=lambda k: (gains[k], -k))
        if gains[best] == 0:
            break
        chosen.append(best)
        bare = [mask & ~seen for mask, seen in zip(bare, shows.pop(best), strict=True)]
    return sorted(chosen)


def _with_margin(view: View) -> View:
    margin = (round(MARGIN * view.size[0]), round(MARGIN * view.size[1]))
    return view.resized((view.size[0] + 2 * margin[0], view.size[1] + 2 * margin[1]), margin)
