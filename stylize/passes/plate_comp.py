"""The pass that keys a plate and sets it before its backdrop, without drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from compositing.colour import srgb_from_linear
from compositing.matte import MatteSource
from compositing.merge import grain_level
from deflicker.prefetch import prefetch
from stylize.comp.compositor import Compositor, undrawn_backdrop
from stylize.comp.keying import keyed_frames, make_keying
from stylize.comp.resolve import ResolvedScene
from stylize.footage.clip import Clip
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held
from stylize.system.machine import cores_shared

THREADS = 2
"""Threads that compute most of the time: one keys the next frame while another merges this one."""


@dataclass
class PlateCompPass(Pass):
    """Keys and merges in one go: nothing is lost to a stored matte, and the plate keeps its own bits."""

    scene: ResolvedScene
    clip: Clip
    frames: FrameSet
    _held: Held[tuple[MatteSource, Compositor]] = field(default_factory=Held, init=False, repr=False)

    name = "comp"
    needs = (PLATE,)

    @property
    def size(self) -> tuple[int, int]:  # type: ignore[override]
        return self.clip.width, self.clip.height

    def settings(self) -> object:
        return ["plate", self.scene.key_settings(self.clip), self.scene.comp_settings]

    def close(self) -> None:
        self._held.release()

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers = shot[wanted.start : wanted.stop]
        whole_shot = self.scene.shot_at(numbers[0]).shot
        source, compositor = self._held.get(lambda: self._make(numbers[0], inputs), whole_shot)
        keyed = keyed_frames(source, whole_shot, numbers, lambda few: inputs.frames(PLATE, few))
        with cores_shared(THREADS):
            for number, key in prefetch(keyed):
                picture = srgb_from_linear(compositor.merged(number, key.premult, key.alpha, key.shadow))
                yield number, (np.clip(picture, 0, 1, out=picture),)

    def _make(self, number: int, inputs: Inputs) -> tuple[MatteSource, Compositor]:
        scene, scene_shot = self.scene.scene, self.scene.shot_at(number)
        grain = None
        if scene.merge.match_grain:
            grain = grain_level(next(inputs.frames(PLATE, [scene_shot.shot.start])))
        compositor = Compositor(scene, scene_shot, undrawn_backdrop(scene, scene_shot), grain)
        return make_keying(scene, self.clip, scene_shot.shot), compositor
