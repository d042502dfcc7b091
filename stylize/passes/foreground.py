"""The pass that cuts the drawn subject out of its ground, with its alpha, for those who merge it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from compositing.colour import srgb_from_linear, unpremultiply
from deflicker.prefetch import prefetch
from stylize.comp.resolve import ResolvedScene
from stylize.comp.subject import cut_drawing
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.key import MATTE


@dataclass
class ForegroundPass(Pass):
    """The subject as the comp sees it, before the backdrop's light falls on it: no wrap, no shadow, no overlay.

    Its pictures are display-referred RGB, straight (not multiplied by alpha), and alpha: (height, width, 4).
    """

    scene: ResolvedScene
    size: tuple[int, int]
    frames: FrameSet
    drawings: FrameSet
    before: str

    name = "foreground"
    channels = 4

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, MATTE)

    def settings(self) -> object:
        scene = self.scene.scene
        drawings = self.drawings.sheet is None or list(self.drawings.numbers)
        return [scene.merge.reach_px, scene.camera.distance_m, self.scene.comp_settings, drawings]

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers = shot[wanted.start : wanted.stop]
        scene_shot = self.scene.shot_at(numbers[0])
        drawings, mattes = inputs.frames(self.before, numbers), inputs.frames(MATTE, numbers)
        for number, drawn, matte in prefetch(zip(numbers, drawings, mattes, strict=True)):
            alpha = np.ascontiguousarray(matte[..., 0])
            drawn_at = self.drawings.shown_at(number)
            light, alpha = cut_drawing(
                self.scene.scene, scene_shot, drawn, alpha, drawn_at=drawn_at, shown_at=number
            )
            colour = srgb_from_linear(np.clip(unpremultiply(light, alpha), 0, 1))
            yield number, (np.dstack([np.clip(colour, 0, 1), alpha]),)
