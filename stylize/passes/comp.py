"""The pass that sets the drawn subject before the drawn backdrop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from compositing.colour import srgb_from_linear
from deflicker.prefetch import prefetch
from stylize.comp.compositor import Compositor
from stylize.comp.drawn_backdrop import drawn_backdrop
from stylize.comp.resolve import ResolvedScene
from stylize.comp.subject import cut_drawing
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held
from stylize.passes.key import MATTE

BACKDROP = "backdrop"


@dataclass
class CompPass(Pass):
    """Makes every frame of the film from the drawings of the pass `before`, their mattes and the backdrop.

    `drawings` are the frames that `before` makes: a held drawing is carried along with the camera.
    """

    scene: ResolvedScene
    size: tuple[int, int]
    frames: FrameSet
    drawings: FrameSet
    before: str
    _compositor: Held[Compositor] = field(default_factory=Held, init=False, repr=False)

    name = "comp"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, MATTE, BACKDROP)

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        """Beside its own frames, the shot's first drawing, by whose lines the backdrop's are matched, and all of
        the backdrop's pictures."""
        scene_shot = self.scene.shot_at(shot[wanted.start])
        numbers = [scene_shot.shot.start, *shot[wanted.start : wanted.stop]]
        return {self.before: numbers, MATTE: numbers, BACKDROP: scene_shot.drawn}

    def settings(self) -> object:
        return [self.scene.comp_settings, self.drawings.sheet is None or list(self.drawings.numbers)]

    def close(self) -> None:
        self._compositor.release()

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers = shot[wanted.start : wanted.stop]
        scene_shot = self.scene.shot_at(numbers[0])
        compositor = self._compositor.get(lambda: self._make_compositor(numbers[0], inputs), scene_shot.shot)
        drawings, mattes = inputs.frames(self.before, numbers), inputs.frames(MATTE, numbers)
        for number, drawn, matte in prefetch(zip(numbers, drawings, mattes, strict=True)):
            alpha, shadow = (np.ascontiguousarray(matte[..., channel]) for channel in (0, 2))
            drawn_at = self.drawings.shown_at(number)
            light, alpha = cut_drawing(
                self.scene.scene, scene_shot, drawn, alpha, drawn_at=drawn_at, shown_at=number
            )
            picture = compositor.merged(number, light, alpha, shadow)
            yield number, (np.clip(srgb_from_linear(picture), 0, 1),)

    def _make_compositor(self, number: int, inputs: Inputs) -> Compositor:
        """The compositor of the shot that a frame belongs to: it holds the backdrop's few pictures."""
        scene_shot = self.scene.shot_at(number)
        first = self.drawings.shown_at(scene_shot.shot.start)
        subject = next(inputs.frames(self.before, [first])), next(inputs.frames(MATTE, [first]))[..., 0]
        backdrop_at = drawn_backdrop(
            self.scene.scene, scene_shot, lambda key: next(inputs.frames(BACKDROP, [key])), subject
        )
        return Compositor(self.scene.scene, scene_shot, backdrop_at)
