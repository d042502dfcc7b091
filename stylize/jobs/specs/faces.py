"""The passes that draw small faces again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deflicker import SteadySettings
from deflicker.settings import SMALLEST_GUIDE
from stylize.config.resolved import ResolvedConfig
from stylize.footage.cadence import ExposureSheet
from stylize.footage.faces import FaceSheet
from stylize.generators.base import FrameGenerator
from stylize.generators.faces import face_config
from stylize.passes.base import Pass
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held

FACE_STYLE, FACE_CEL, FACE_STEADY = "face_style", "face_cel", "face_steady"
GUIDE_SHARE = 0.5
"""A face hardly moves in its square, so its motion is sought in one of half the size: a third of the time, for 3 %
more warp error (juggling)."""


@dataclass(frozen=True)
class FacePasses:
    """What the passes are built from: the faces, and the film's drawing around them.

    Attributes:
        sheet: the faces.
        exposures: which drawing every frame shows.
        config: the film's.
        revision: of the checkpoint's weights.
        working_size: (width, height) of the film's drawings, px.
        generator: the film's model.
        plate: the name of what is drawn.
    """

    sheet: FaceSheet
    exposures: ExposureSheet
    config: ResolvedConfig
    revision: str
    working_size: tuple[int, int]
    generator: Held[FrameGenerator]
    plate: str

    def build(self, before: Pass) -> tuple[Pass, ...]:
        """Cut out, drawn, finished as cels, steadied, and laid over the finished frames of the pass `before`; none
        where no drawing shows a face."""
        from stylize.passes.faces import FacePlatePass, LayFacesPass

        frames = FrameSet(self.sheet.frames_among(self.exposures.drawings), self.exposures)
        if not frames.numbers:
            return ()
        passes: list[Pass] = [FacePlatePass(self.sheet, frames, self.plate), self._drawn(frames)]
        if self.config.finish.touches_the_cel:
            passes.append(self._finished(frames, passes[-1].name))
        if self.config.deflicker > 0:
            passes.append(self._steadied(frames, passes[-1].name))
        last = passes[-1].name
        return *passes, LayFacesPass(self.sheet, before.size, before.frames, frames, before.name, last)

    @property
    def _tile(self) -> tuple[int, int]:
        return self.sheet.tile, self.sheet.tile

    def _drawn(self, frames: FrameSet) -> Pass:
        from stylize.passes import ShotStylePass, StylePass
        from stylize.passes.faces.generator import held_for_faces
        from stylize.passes.faces.plates import FACE_PLATE

        config = face_config(self.config)
        kind = StylePass if config.window is None else ShotStylePass
        held = held_for_faces(self.generator, self.config, config)
        return self._on_faces(
            FACE_STYLE,
            frames,
            lambda: kind(config, self.revision, self._tile, frames, FACE_PLATE, generator=held),
        )

    def _finished(self, frames: FrameSet, before: str) -> Pass:
        from stylize.passes import CelPass
        from stylize.passes.faces.plates import FACE_PLATE

        return self._on_faces(
            FACE_CEL, frames, lambda: CelPass(self.config.finish, self._tile, frames, before, FACE_PLATE)
        )

    def _steadied(self, frames: FrameSet, before: str) -> Pass:
        from stylize.passes import SteadyPass
        from stylize.passes.faces.plates import FACE_PLATE

        guide_height = max(round(GUIDE_SHARE * self.sheet.tile), SMALLEST_GUIDE)
        steady = SteadySettings(strength=self.config.deflicker, guide_height=guide_height)
        device = self.config.device
        return self._on_faces(
            FACE_STEADY, frames, lambda: SteadyPass(steady, self._tile, frames, before, FACE_PLATE, device)
        )

    def _on_faces(self, name: str, frames: FrameSet, make: Callable[[], Pass]) -> Pass:
        from stylize.passes.faces import OnFaces

        width, height = self.working_size
        steps = tuple(make() for _ in range(self.sheet.slots))
        return OnFaces(name, self.sheet, steps, frames, width * height)
