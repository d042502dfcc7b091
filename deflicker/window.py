"""The frames of one shot around the frame in work, and what has been computed from them so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from deflicker.arrays import Image, Plane, as_image
from deflicker.colour import correction
from deflicker.detail import restore_detail
from deflicker.flow import Flow
from deflicker.fuse import fuse
from deflicker.settings import Steady
from deflicker.track import Track, confidence, extend, resize_track, step
from deflicker.warp import resize_flow, warp

QUARTER = 4
REFERENCE_HEIGHT = 288
"""The frame height, in pixels, for which the filters' widths are given."""


class Window:
    """Answers `steadied(t)` from the frames added: all within `lookaround` of t, as far as the shot has them.

    Everything cached is a pure function of frames, so forgetting costs time and never changes a bit.
    """

    def __init__(self, settings: Steady, flow: Flow) -> None:
        self._settings = settings
        self._flow = flow
        self._shape: tuple[int, ...] | None = None
        self._drawn: dict[int, Image] = {}
        """The stylized frames; `_corrected` takes them over once step A has seen them."""
        self._corrected: dict[int, Image] = {}
        self._guide: dict[int, Image] = {}
        self._steps: dict[tuple[int, int], Track] = {}
        """The step from frame u to u + d, d = +-1, on the guide's grid, under (u, d)."""
        self._small_drawn: dict[int, Image] = {}
        self._small_guide: dict[int, Image] = {}
        self._small_steps: dict[tuple[int, int], Track] = {}

    def __len__(self) -> int:
        """How many full-size frames are held."""
        return len(self._drawn) + len(self._corrected)

    def add(self, index: int, drawn: Image, source: Image) -> None:
        """Takes in frame `index`, the next one of the shot.

        Raises:
            ValueError: no such images, or of another size than the shot's first.
        """
        drawn = as_image(drawn, f"stylized frame {index}")
        source = as_image(source, f"source frame {index}")
        if drawn.shape != source.shape:
            raise ValueError(
                f"stylized frame {index} is {_size(drawn.shape)}, but its source is {_size(source.shape)}."
            )
        self._shape = self._shape or drawn.shape
        if drawn.shape != self._shape:
            raise ValueError(f"frame {index} is {_size(drawn.shape)} in a shot of {_size(self._shape)}.")
        self._drawn[index] = drawn
        self._guide[index] = _reduced(source, min(1.0, self._settings.guide_height / source.shape[0]))
        self._small_drawn[index] = _reduced(drawn, 1 / QUARTER)
        rows, columns = self._small_drawn[index].shape[:2]
        self._small_guide[index] = cv2.resize(
            self._guide[index], (columns, rows), interpolation=cv2.INTER_AREA
        )

    def forget(self, done: int) -> None:
        """Lets go of all that frames after `done` will not ask for."""
        near = done + 1 - max(self._settings.offsets)
        far = done + 1 - max(self._settings.colour_offsets)
        for frames, first in (
            (self._drawn, done + 1),
            (self._corrected, near),
            (self._guide, near),
            (self._small_drawn, far),
            (self._small_guide, far),
        ):
            for index in [index for index in frames if index < first]:
                del frames[index]
        for steps, first in ((self._steps, near), (self._small_steps, far)):
            for key in [key for key in steps if key[0] < first]:
                del steps[key]

    def steadied(self, t: int) -> Image:
        """Frame t after every step: (height, width, 3) float32 in [0, 1]."""
        strength = self._settings.strength
        own = self._colour_corrected(t)
        rows, columns = own.shape[:2]
        unit = rows / REFERENCE_HEIGHT
        neighbours: list[tuple[Image, Plane]] = []
        for u, track in self._tracks(t, self._settings.offsets, self._steps):
            sure = confidence(track, self._guide[t], self._guide[u])
            flow, sure = resize_track(track[..., :2], sure, rows, columns)
            neighbours.append((warp(self._colour_corrected(u), flow), sure))
        if neighbours and strength > 0:
            fused = restore_detail(fuse(own, neighbours, unit), own, unit, self._settings.detail)
            own = cv2.addWeighted(own, 1 - strength, fused, strength, 0.0)
        return np.clip(own, 0.0, 1.0)

    def _colour_corrected(self, t: int) -> Image:
        """S^A at t: step A."""
        if t in self._corrected:
            return self._corrected[t]
        drawn, small = self._drawn.pop(t), self._small_drawn[t]
        neighbours: list[tuple[Image, Plane]] = []
        for u, track in self._tracks(t, self._settings.colour_offsets, self._small_steps):
            sure = confidence(track, self._small_guide[t], self._small_guide[u])
            neighbours.append((warp(self._small_drawn[u], track[..., :2], smooth=False), sure))
        if neighbours and self._settings.strength > 0:
            sigma = self._settings.colour_width / QUARTER * drawn.shape[0] / REFERENCE_HEIGHT
            change: Image = correction(small, neighbours, sigma) * np.float32(self._settings.strength)
            change = cv2.resize(change, drawn.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            drawn = cv2.add(drawn, change)
        self._corrected[t] = drawn
        return drawn

    def _tracks(
        self, t: int, offsets: Sequence[int], steps: Mapping[tuple[int, int], Track]
    ) -> Iterator[tuple[int, Track]]:
        """Each neighbour u at one of the offsets inside the shot, with the track t->u."""
        for direction in (-1, 1):
            track: Track | None = None
            for distance in range(1, max(offsets) + 1):
                u = t + direction * distance
                if u not in self._small_guide:
                    break
                self._follow(u - direction, u)
                following = steps[u - direction, direction]
                track = following if track is None else extend(track, following)
                if distance in offsets:
                    yield u, track

    def _follow(self, u: int, v: int) -> None:
        """Computes the steps between two neighbouring frames, both ways, unless they are known."""
        if (u, v - u) in self._small_steps:
            return
        there, back = self._flow(self._guide[u], self._guide[v]), self._flow(self._guide[v], self._guide[u])
        rows, columns = self._small_guide[u].shape[:2]
        for here, forward, backward in ((u, there, back), (v, back, there)):
            key = (here, u + v - 2 * here)
            self._steps[key] = step(forward, backward)
            small = cv2.resize(self._steps[key][..., 2], (columns, rows), interpolation=cv2.INTER_AREA)
            self._small_steps[key] = np.dstack([resize_flow(forward, rows, columns), small])


def _reduced(image: Image, scale: float) -> Image:
    if scale == 1:
        return image
    rows, columns = (max(1, round(side * scale)) for side in image.shape[:2])
    return cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}"
