"""A keyed plate set before a backdrop, without drawing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stylize.footage.source import FootageSource
from stylize.jobs.specs.base import BuiltPasses, SegmentContext
from stylize.passes.base import PLATE
from stylize.passes.frame_set import FrameSet


@dataclass(frozen=True)
class PlateCompSpec:
    """A scene file says everything."""

    scene: Path
    kind: Literal["plate comp"] = "plate comp"

    def build(self, context: SegmentContext) -> BuiltPasses:
        """The one pass.

        Raises:
            StylizeError: the scene cannot be read, found or solved.
        """
        from stylize.comp.resolve import resolve_scene
        from stylize.passes import PlateCompPass

        scene = resolve_scene(
            self.scene, context.clip, context.shots, context.source, context.run_dir, draw=False
        )
        step = PlateCompPass(scene, context.clip, FrameSet(context.span))
        return BuiltPasses((step,), {PLATE: FootageSource(context.clip)}, step.name, scene)
