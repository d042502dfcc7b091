"""The pass that takes the subject off its screen: its matte, and itself on a flat ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from compositing.matte import Keyed, MatteSource
from deflicker.prefetch import prefetch
from stylize.comp.keying import keyed_frames, make_keying, on_ground
from stylize.comp.resolve import ResolvedScene
from stylize.footage.clip import Clip, Pixels
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held
from stylize.system.machine import cores_shared

MATTE, SUBJECT = "matte", "subject"
THREADS = 2
"""Threads that compute most of the time: one keys the next frame while another lays out and keeps this one."""


@dataclass
class KeyPass(Pass):
    """Keys every frame once, and gives two pictures of it.

    `matte`: the plate's alpha, in red and green; in blue, what the shadows on the screen leave of its light.
    `subject`: the subject on a flat ground, free of the screen's light: the plate that all later passes see.
    """

    scene: ResolvedScene
    clip: Clip
    frames: FrameSet
    _source: Held[MatteSource] = field(default_factory=Held, init=False, repr=False)

    name = "key"
    needs = (PLATE,)
    gives = (MATTE, SUBJECT)

    @property
    def size(self) -> tuple[int, int]:  # type: ignore[override]
        return self.clip.width, self.clip.height

    def settings(self) -> object:
        return self.scene.key_settings(self.clip)

    def close(self) -> None:
        self._source.release()

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        ground = self.scene.scene.key.ground
        numbers = shot[wanted.start : wanted.stop]
        whole_shot = self.scene.shot_at(numbers[0]).shot
        # Made once a shot, as it looks through the shot first.
        source = self._source.get(lambda: make_keying(self.scene.scene, self.clip, whole_shot), whole_shot)
        frames = keyed_frames(source, whole_shot, numbers, lambda few: inputs.frames(PLATE, few))
        with cores_shared(THREADS):
            for number, keyed in prefetch(frames):
                yield number, (matte_picture(keyed), on_ground(keyed, ground))


def matte_picture(keyed: Keyed) -> Pixels:
    """Alpha twice and the kept shadow, (height, width, 3) in [0, 1]."""
    shadow = np.ones_like(keyed.alpha) if keyed.shadow is None else keyed.shadow
    return np.dstack([keyed.alpha, keyed.alpha, shadow])
