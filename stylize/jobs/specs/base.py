"""What a spec is: the decisions from which a segment's passes are built, here or on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stylize.comp.resolve import ResolvedScene
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Clip, Shot
from stylize.footage.source import FootageSource
from stylize.passes.base import Pass
from stylize.storage.place import Place


@dataclass(frozen=True)
class SegmentContext:
    """What every spec needs to build its passes: the clip, what stands for its contents, and the shots."""

    clip: Clip
    source: str
    shots: tuple[Shot, ...]
    sheet: ExposureSheet
    run_dir: Place

    @property
    def span(self) -> range:
        return range(self.shots[0].start, self.shots[-1].end)


@dataclass(frozen=True)
class BuiltPasses:
    """A segment's passes in order, the footage that they read by name, the pictures that the film shows, and the
    scene that they merge, if any."""

    passes: tuple[Pass, ...]
    sources: Mapping[str, FootageSource]
    film_picture: str
    scene: ResolvedScene | None = None
