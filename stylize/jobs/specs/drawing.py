"""Shots drawn in a style, and set before a drawn backdrop where there is a scene."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from deflicker import SteadySettings
from deflicker.keyframes import CarrySettings
from stylize.comp.resolve import ResolvedScene, resolve_scene
from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import OpenParts
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.footage.faces import FaceSheet
from stylize.footage.keyframes.resolve import KeySet
from stylize.footage.source import FootageSource
from stylize.jobs.specs.base import BuiltPasses, SegmentContext
from stylize.passes.base import PLATE, Pass
from stylize.passes.frame_set import FrameSet

if TYPE_CHECKING:
    from stylize.passes import StylePass
    from stylize.passes.key_source import KeySource

NEAREST = CarrySettings(keys_each_side=1)
"""How a model's own keys are carried: they lie so close that farther ones would show little more."""


@dataclass(frozen=True)
class KeyModel:
    """An image model that draws the keys which a video model is shown.

    `checkpoint` is what is known of its weights, `working_size` the (width, height) of its drawings, px.
    """

    config: ResolvedConfig
    checkpoint: CheckpointInfo
    working_size: tuple[int, int]


@dataclass(frozen=True)
class DrawingSpec:
    """Everything that decides how shots are drawn.

    Attributes:
        config: the style and the flags over it, with nothing left open.
        checkpoint: what is known of the weights that draw.
        working_size: (width, height) of the drawings, px.
        scene: a scene file: the subject is keyed before it is drawn, and merged with its backdrop after.
        foreground: the drawn subject is also cut out with its alpha.
        keys: painted frames that are carried through the shots; the model draws what they do not show.
        open_parts: how the parts that no painted key shows are made.
        drawn_keys: frames that the model draws, and that are carried in the same way.
        key_model: draws these frames in its place; they are shown to it, and not carried.
        why_drawn_so: why the runtime was chosen, in a sentence; "" where the user named it.
        faces: the faces that are drawn again, larger; None where there are none.
        on_faces: what a user should know of that, in a sentence, or "".
    """

    config: ResolvedConfig
    checkpoint: CheckpointInfo
    working_size: tuple[int, int]
    scene: Path | None = None
    foreground: bool = False
    keys: KeySet | None = None
    open_parts: OpenParts = "learn"
    drawn_keys: tuple[int, ...] = ()
    key_model: KeyModel | None = None
    why_drawn_so: str = field(default="", compare=False)
    faces: FaceSheet | None = None
    on_faces: str = ""
    kind: Literal["drawing"] = "drawing"

    def build(self, context: SegmentContext) -> BuiltPasses:
        """The passes in order: keyed, drawn, repaired, finished as a cel, steadied, moved, enlarged, faces laid in,
        merged, printed.

        Raises:
            StylizeError: the scene cannot be read, found or solved.
        """
        sources = {PLATE: FootageSource(context.clip)}
        if self.scene is None:
            passes = self._drawing(context, PLATE)
            return self._looking(context, BuiltPasses(passes, sources, passes[-1].name))
        scene = resolve_scene(self.scene, context.clip, context.shots, context.source, context.run_dir)
        return self._looking(context, BuiltPasses(self._with_scene(context, scene), sources, "comp", scene))

    def _looking(self, context: SegmentContext, built: BuiltPasses) -> BuiltPasses:
        """The style's look goes over the whole of the film's picture."""
        if not self.config.finish.touches_the_look:
            return built
        from stylize.passes import LookPass

        size, every = (context.clip.width, context.clip.height), FrameSet(context.span)
        look = LookPass(self.config.finish, size, every, built.film_picture)
        return replace(built, passes=(*built.passes, look), film_picture=look.name)

    def _drawing(self, context: SegmentContext, plate: str) -> tuple[Pass, ...]:
        if self.key_model is not None or (self.keys is not None and self._shows_keys):
            return self._shown_keys(context, plate)
        if self.keys is not None:
            return self._keyed(context, plate, self.keys)
        return self._self_keyed(context, plate) if self.drawn_keys else self._drawn(context, plate)

    def _shown_keys(self, context: SegmentContext, plate: str) -> tuple[Pass, ...]:
        """A video model draws every frame, and is shown keys that were painted, or that an image model draws."""
        from stylize.passes.key_drawing import KEY_DRAWING, KeyDrawingPass
        from stylize.passes.key_source import DrawnKeys, PaintedKeys

        if self.key_model is None:
            assert self.keys is not None
            return self._drawn(context, plate, PaintedKeys(self.keys))
        own, numbers = self.key_model, FrameSet(self.drawn_keys)
        drawn = KeyDrawingPass(own.config, own.checkpoint.revision, own.working_size, numbers, plate)
        return drawn, *self._drawn(context, plate, DrawnKeys(self.drawn_keys, KEY_DRAWING))

    def _keyed(self, context: SegmentContext, plate: str, keys: KeySet) -> tuple[Pass, ...]:
        """The keys are carried at the clip's own size; at the working size their open parts are painted as it was
        learnt, or drawn, repaired and steadied; in the end the carried keys lie over these."""
        from stylize.passes import CarryPass, KeyedFinishPass, LearntPartsPass, OpenPartsPass
        from stylize.passes.key_source import PaintedKeys
        from stylize.passes.learnt_parts import PAINTERS

        config, size, full = self.config, self.working_size, (context.clip.width, context.clip.height)
        frames, painted = FrameSet.of_drawings(context.sheet), PaintedKeys(keys)
        passes: list[Pass] = [CarryPass(painted, full, frames, plate)]
        drawn = (config, self.checkpoint.revision, size, frames, plate)
        if self.open_parts == "learn" and keys.cover_their_frames:
            folder = context.run_dir / PAINTERS
            passes.append(LearntPartsPass(*drawn, keys=painted, folder=folder))
        else:
            passes.append(OpenPartsPass(*drawn))
        if (
            not all(keys.of(range(shot.start, shot.end)) for shot in context.shots)
            or self.open_parts == "draw"
        ):
            passes += self._calmed(passes[-1].name, frames, plate)
        return *passes, KeyedFinishPass(
            config.finish.detail, full, frames, passes[-1].name, plate, enlarge=config.enlarge
        )

    def _calmed(self, before: str, frames: FrameSet, plate: str) -> list[Pass]:
        """What a network draws frame by frame is repaired and steadied."""
        from stylize.passes import RepairPass, SteadyPass

        config, size, passes = self.config, self.working_size, list[Pass]()
        if config.repair != "off":
            passes.append(RepairPass(config.repair, size, frames, before, plate))
            before = passes[-1].name
        if config.deflicker > 0:
            steady = SteadySettings(strength=config.deflicker)
            passes.append(SteadyPass(steady, size, frames, before, plate, config.device))
        return passes

    def _self_keyed(self, context: SegmentContext, plate: str) -> tuple[Pass, ...]:
        """The model draws the keys alone, which are steadied among themselves; the other frames are carried."""
        from stylize.passes import CarryPass, CelPass, FinishPass, OpenPartsPass, SteadyPass
        from stylize.passes.key_source import DrawnKeys
        from stylize.passes.open_parts import MUCH

        config, size, revision = self.config, self.working_size, self.checkpoint.revision
        keys, frames = FrameSet(self.drawn_keys), FrameSet.of_drawings(context.sheet)
        style = self._style(keys, plate)
        passes: list[Pass] = [style]
        if config.finish.touches_the_cel:
            passes.append(CelPass(config.finish, size, keys, passes[-1].name, plate))
        if config.deflicker > 0:
            steady = SteadySettings(strength=config.deflicker)
            passes.append(SteadyPass(steady, size, keys, passes[-1].name, plate, config.device))
        passes += [
            CarryPass(DrawnKeys(self.drawn_keys, passes[-1].name), size, frames, plate, NEAREST),
            OpenPartsPass(
                *(config, revision, size, frames, plate),
                generator=style.generator,
                in_previews=False,
                least=MUCH,
            ),
        ]
        full = (context.clip.width, context.clip.height)
        return *passes, FinishPass(
            config.finish.detail, full, frames, passes[-1].name, plate, enlarge=config.enlarge
        )

    def _drawn(self, context: SegmentContext, plate: str, shown: KeySource | None = None) -> tuple[Pass, ...]:
        from stylize.passes import CelPass, FinishPass, GlidePass, RepairPass, SteadyPass

        config, size = self.config, self.working_size
        frames = FrameSet.of_drawings(context.sheet)
        style = self._style(frames, plate, shown)
        passes: list[Pass] = [style]
        if config.repair != "off":
            redraws = None if self._draws_windows else config
            passes.append(
                RepairPass(config.repair, size, frames, style.name, plate, redraws, style.generator)
            )
        if config.finish.touches_the_cel:
            passes.append(CelPass(config.finish, size, frames, passes[-1].name, plate))
        if config.deflicker > 0:
            steady = SteadySettings(strength=config.deflicker)
            passes.append(SteadyPass(steady, size, frames, passes[-1].name, plate, config.device))
        if self._moves_held_drawings(context):
            frames = FrameSet(context.span)
            passes.append(GlidePass(context.sheet, size, frames, passes[-1].name, plate))
        full, before = (context.clip.width, context.clip.height), passes[-1].name
        finish = FinishPass(config.finish.detail, full, frames, before, plate, enlarge=config.enlarge)
        return *passes, finish, *self._faces_over(finish, context, plate, style)

    def _faces_over(
        self, finish: Pass, context: SegmentContext, plate: str, style: StylePass
    ) -> tuple[Pass, ...]:
        if self.faces is None:
            return ()
        from stylize.jobs.specs.faces import FacePasses

        revision, size = self.checkpoint.revision, self.working_size
        around = FacePasses(self.faces, context.sheet, self.config, revision, size, style.generator, plate)
        return around.build(finish)

    @property
    def _draws_windows(self) -> bool:
        """Whether a video model draws frames of a shot together."""
        return self.config.window is not None

    @property
    def _shows_keys(self) -> bool:
        """Whether keys are shown to the model, and not carried."""
        from stylize.diffusion.families import ALL_FAMILIES
        from stylize.generators.key_model import shows_keys

        return shows_keys(ALL_FAMILIES[self.checkpoint.family])

    def _style(self, frames: FrameSet, plate: str, shown: KeySource | None = None) -> StylePass:
        from stylize.passes import ShotStylePass, StylePass

        drawn = (self.config, self.checkpoint.revision, self.working_size, frames, plate)
        return ShotStylePass(*drawn, keys=shown) if self._draws_windows else StylePass(*drawn)

    def _moves_held_drawings(self, context: SegmentContext) -> bool:
        return self.config.hold == "glide" and context.sheet.holds_any

    def _with_scene(self, context: SegmentContext, scene: ResolvedScene) -> tuple[Pass, ...]:
        """The subject is keyed before it is drawn; the backdrop is drawn for itself; both meet at the end."""
        from stylize.passes import BackdropPass, CompPass, ForegroundPass, KeyPass
        from stylize.passes.key import SUBJECT

        clip, revision = context.clip, self.checkpoint.revision
        drawn = self._drawing(context, SUBJECT)
        last, full, every = drawn[-1], (clip.width, clip.height), FrameSet(context.span)
        passes = (
            KeyPass(scene, clip, last.frames),
            *drawn,
            BackdropPass(scene, self.config, revision, self.working_size, full),
            CompPass(scene, full, every, last.frames, before=last.name),
        )
        if not self.foreground:
            return passes
        return *passes, ForegroundPass(scene, full, every, last.frames, before=last.name)
