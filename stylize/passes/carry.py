"""The pass that carries painted frames through their shots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import cv2
import numpy as np

from deflicker.keyframes import CarrySettings, carry_keys, span_of
from stylize.footage.clip import Pixels
from stylize.keyframes.files import load_key
from stylize.keyframes.resolve import KeySet
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.storage.fingerprint import fingerprint_file

CARRIED = "carried"
METHOD = 1
"""Goes up when carrying changes."""


@dataclass
class CarryPass(Pass):
    """What the keys of a shot show of each of its frames: colour, and as alpha how far that is known.

    A shot without keys is wholly unknown. All plates between a frame and the keys around it are read.
    """

    keys: KeySet
    size: tuple[int, int]
    frames: FrameSet
    plate: str = PLATE
    carry: CarrySettings = field(default_factory=CarrySettings)

    name = CARRIED
    lookaround = (10**9, 10**9)
    window_frames = 32
    in_previews = True

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.plate,)

    def settings(self) -> object:
        keys = [[key.at, fingerprint_file(key.path), key.shift] for key in self.keys.files]
        return [METHOD, asdict(self.carry), self.size, keys]

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        return {self.plate: self._span(shot, wanted)}

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers = shot[wanted.start : wanted.stop]
        files = self.keys.of(shot)
        if not files:
            nothing = np.zeros((self.size[1], self.size[0], 4), np.float32)
            yield from ((number, (nothing,)) for number in numbers)
            return
        span = self._span(shot, wanted)
        guides = {
            number: _guide(plate, self.carry.guide_height)
            for number, plate in zip(span, inputs.frames(self.plate, span), strict=True)
        }
        keys = [load_key(file.at, file.path, file.shift, self.size) for file in files if file.at in span]
        for frame in carry_keys(guides, keys, numbers, self.carry):
            yield frame.at, (np.dstack([frame.picture, frame.known]),)

    def _span(self, shot: Sequence[int], wanted: range) -> range:
        numbers = shot[wanted.start : wanted.stop]
        keys = [file.at for file in self.keys.of(shot)]
        return span_of(keys, numbers, self.carry) if keys else range(0)


def _guide(plate: Pixels, height: int) -> np.ndarray:
    """The plate in 8 bits, at most `height` rows."""
    rows, columns = plate.shape[:2]
    scale = min(1.0, height / rows)
    small: Pixels = plate
    if scale < 1:
        size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
        small = np.asarray(cv2.resize(plate, size, interpolation=cv2.INTER_AREA), np.float32)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
