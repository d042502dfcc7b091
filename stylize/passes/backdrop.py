"""The pass that draws the backdrop: as few pictures as the camera allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from compositing.colour import srgb_from_linear
from stylize.comp.resolve import ResolvedScene, SceneShot
from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import FrameGenerator
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held
from stylize.passes.style import drawing_settings


@dataclass
class BackdropPass(Pass):
    """The backdrop's key pictures, drawn in the film's style at the film's own scale, and enlarged along the edges
    of what they were drawn from. Without a style they are kept as they are seen.

    `working_size` is that of the film's drawings, `size` the plate's.
    """

    scene: ResolvedScene
    config: ResolvedConfig
    revision: str
    working_size: tuple[int, int]
    size: tuple[int, int]
    _generator: Held[FrameGenerator] = field(default_factory=Held, init=False, repr=False)

    name = "backdrop"

    @property
    def frames(self) -> FrameSet:  # type: ignore[override]
        return FrameSet(self.scene.drawn)

    def settings(self) -> object:
        drawn, finish = None, self.config.finish
        if self._draws:
            drawn = [drawing_settings(self.config), self.revision, self.working_size]
        return [self.scene.backdrop_settings, drawn, {"detail": finish.detail} | finish.cel_settings()]

    @property
    def device(self) -> str:  # type: ignore[override]
        return self.config.device if self._draws else "cpu"

    @property
    def _draws(self) -> bool:
        return self.scene.scene.backdrop.is_drawn

    def close(self) -> None:
        self._generator.release()

    def network_frames(self, numbers: Sequence[int]) -> float:
        return self.scene.pictures(self.size) * len(numbers) / max(1, len(self.scene.drawn))

    def preview_frames(self, shot: Sequence[int], index: int) -> tuple[Sequence[int], range]:
        """All pictures of the shot, for any of them may be seen; of a film plate, the one."""
        drawn = [number for number in self.scene.drawn if shot[0] <= number <= shot[-1]]
        if index in drawn and len(drawn) == len(shot):
            return drawn, range(drawn.index(index), drawn.index(index) + 1)
        return drawn, range(len(drawn))

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        if self._draws:
            self._loaded()  # before OpenGL: see `compositing.opengl.context.check_opengl`
        for position in wanted:
            number = shot[position]
            scene_shot = self.scene.shot_at(number)
            seen = _seen(scene_shot, number)
            yield number, (self._drawn(seen, number, scene_shot.shot) if self._draws else seen,)

    def _drawn(self, seen: Pixels, number: int, shot: Shot) -> Pixels:
        from stylize.diffusion.sizes import scale_down
        from stylize.finish import enlarge, finish_cel

        scale = self.working_size[0] / self.size[0]
        size = (max(8, round(seen.shape[1] * scale)), max(8, round(seen.shape[0] * scale)))
        small = scale_down(seen, size)
        drawn = self._loaded().draw([small], [number], shot)[0]
        if self.config.finish.touches_the_cel:
            drawn = finish_cel(drawn, small, self.config.finish)
        return enlarge(drawn, seen, self.config.finish.detail)

    def _loaded(self) -> FrameGenerator:
        from stylize.generators.load import load_generator

        return self._generator.get(lambda: load_generator(self.config))


def _seen(scene_shot: SceneShot, number: int) -> Pixels:
    """What is drawn: a key's view of the backdrop, or a film plate's frame; display-referred."""
    frame = number - scene_shot.shot.start
    if scene_shot.backdrop.moves:
        light, _ = scene_shot.backdrop.render(scene_shot.camera.view(frame).straight, frame)
    else:
        key = next(key for key in scene_shot.keys if key.frame == frame)
        light, _ = scene_shot.backdrop.render(key.view, frame)
    return np.clip(srgb_from_linear(light), 0, 1)
