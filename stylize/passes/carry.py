"""The pass that carries painted frames through their shots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import cv2
import numpy as np

from deflicker.keyframes import CarrySettings, carry_keys, span_of
from stylize.footage.clip import Pixels
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.key_source import KeySource

CARRIED = "carried"
METHOD = 6
"""Goes up when carrying changes."""


@dataclass
class CarryPass(Pass):
    """What the keys of a shot show of each of its frames: colour, and as alpha how far that is known.

    A shot without keys is wholly unknown. All plates between a frame and the keys around it are read.
    """

    keys: KeySource
    size: tuple[int, int]
    frames: FrameSet
    plate: str = PLATE
    carry: CarrySettings = field(default_factory=CarrySettings)

    name = CARRIED
    lookaround = (10**9, 10**9)
    window_frames = 32
    channels = 4

    @property
    def in_previews(self) -> bool:
        return not self.keys.needs

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.plate, *self.keys.needs)

    def settings(self) -> object:
        return [METHOD, asdict(self.carry), self.size, self.keys.settings()]

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        span = self._span(shot, wanted)
        keys = [at for at in self.keys.numbers(shot) if at in span]
        return {self.plate: span, **dict.fromkeys(self.keys.needs, keys)}

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers, span = shot[wanted.start : wanted.stop], self._span(shot, wanted)
        if not span:
            nothing = np.zeros((self.size[1], self.size[0], 4), np.float32)
            yield from ((number, (nothing,)) for number in numbers)
            return
        guides = {
            number: _guide(plate, self.carry.guide_height)
            for number, plate in zip(span, inputs.frames(self.plate, span), strict=True)
        }
        keys = self.keys.load([at for at in self.keys.numbers(shot) if at in span], self.size, inputs)
        for frame in carry_keys(guides, keys, numbers, self.carry):
            yield frame.at, (np.dstack([frame.picture, frame.known]),)

    def held_bytes(self, shot: Sequence[int], plate: tuple[int, int]) -> int:
        """The guides and the keys of the shot's whole span, which are at hand for every frame of it."""
        if not shot:
            return 0
        span = self._span(shot, range(len(shot)))
        keys = [at for at in self.keys.numbers(shot) if at in span]
        width, height = _guide_size(plate, self.carry.guide_height)
        return len(span) * width * height * 3 + len(keys) * self.size[0] * self.size[1] * 3 * 4

    def _span(self, shot: Sequence[int], wanted: range) -> range:
        """The plates that are read: none where the shot has no key."""
        keys = self.keys.numbers(shot)
        return span_of(keys, shot[wanted.start : wanted.stop], self.carry) if keys else range(0)


def _guide(plate: Pixels, height: int) -> np.ndarray:
    """The plate in 8 bits, at most `height` rows."""
    full, small = (plate.shape[1], plate.shape[0]), plate
    size = _guide_size(full, height)
    if size != full:
        small = np.asarray(cv2.resize(plate, size, interpolation=cv2.INTER_AREA), np.float32)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)


def _guide_size(plate: tuple[int, int], height: int) -> tuple[int, int]:
    """(width, height) of the guide of a plate."""
    scale = min(1.0, height / plate[1])
    return max(1, round(plate[0] * scale)), max(1, round(plate[1] * scale))
