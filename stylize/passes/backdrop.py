"""The pass that draws the backdrop: as few pictures as the camera allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from compositing.colour import srgb_from_linear
from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs

if TYPE_CHECKING:
    from stylize.comp.plan import CompPlan, Take
    from stylize.generators.base import FrameGenerator


@dataclass
class BackdropPass:
    """The backdrop's key pictures, drawn in the film's style at the film's own scale, and enlarged along the edges
    of what they were drawn from. Without a style they are kept as they are seen.
    """

    comp: CompPlan
    config: ResolvedConfig
    revision: str
    size: tuple[int, int]
    full: tuple[int, int]
    name: str = field(default="backdrop", init=False)

    needs: tuple[str, ...] = ()
    lookaround = (0, 0)
    sees_plate = False
    depends_on_frame_set = False

    def settings(self) -> object:
        from stylize.passes.style import StylePass

        drawn = StylePass(self.config, self.revision, self.size).settings() if self._draws else None
        return [self.comp.facts()["backdrop"], drawn, self.config.finish.model_dump(mode="json")]

    @property
    def _draws(self) -> bool:
        return self.comp.scene.backdrop.is_drawn

    def close(self) -> None:
        self.__dict__.pop("_painter", None)

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        if self._draws:
            self._generator_loaded()  # before OpenGL: see `compositing.opengl.context.check_opengl`
        for position in wanted:
            number = shot[position]
            take = self.comp.take_of(number)
            seen = self._seen(take, number)
            yield number, self._drawn(seen, number, take.shot) if self._draws else seen

    def _seen(self, take: Take, number: int) -> Pixels:
        """What is drawn: a key's view of the backdrop, or a film plate's frame; display-referred."""
        frame = number - take.shot.start
        if take.backdrop.moves:
            light, _ = take.backdrop.render(take.camera.view(frame).straight, frame)
        else:
            key = next(key for key in take.keys if key.frame == frame)
            light, _ = take.backdrop.render(key.view, frame)
        return np.clip(srgb_from_linear(light), 0, 1)

    def _drawn(self, seen: Pixels, number: int, shot: Shot) -> Pixels:
        from stylize.diffusion.sizes import scale_down
        from stylize.finish import enlarge, finish_cel

        scale = self.size[0] / self.full[0]
        size = (max(8, round(seen.shape[1] * scale)), max(8, round(seen.shape[0] * scale)))
        small = scale_down(seen, size)
        drawn = self._generator_loaded().draw([small], [number], shot)[0]
        if self.config.finish.touches_the_cel:
            drawn = finish_cel(drawn, small, self.config.finish)
        return enlarge(drawn, seen, self.config.finish.detail)

    def _generator_loaded(self) -> FrameGenerator:
        from stylize.generators.load import load_generator

        if "_painter" not in self.__dict__:
            self.__dict__["_painter"] = load_generator(self.config)
        generator: FrameGenerator = self.__dict__["_painter"]
        return generator
