"""What will be made: a film, or several of the same frames, out of segments of one clip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from math import ceil
from pathlib import Path

from stylize import footage
from stylize.comp.resolve import ResolvedScene
from stylize.diffusion.sizes import scaled
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.footage.outputs import check_outputs
from stylize.footage.source import FootageSource
from stylize.footage.target import FilmTarget
from stylize.jobs.films import FilmOutput
from stylize.jobs.specs import DrawingSpec, SegmentSpec
from stylize.passes.base import Inputs, Pass
from stylize.storage.frame_file import BitDepth
from stylize.storage.frame_store import FrameStore
from stylize.storage.place import Place

SHORTEST_LEADER_S = 0.5
"""How long a picture stands still at a film's beginning before it counts as no part of the film itself."""


@dataclass(frozen=True)
class Segment:
    """Neighbouring shots of a clip that go through the same passes with the same settings.

    Attributes:
        source: stands for the contents of the footage that is read.
        shots: they follow each other without gaps.
        sheet: which drawing every frame shows.
        spec: what decides the passes.
        passes: in the order in which they are made.
        sources: footage that passes read, by name.
        film_picture: the name of the pictures that the film shows.
        scene: what a scene file adds: the key, the cameras and the backdrops.
        fingerprints: of every pass, by its name.
        run_dir: where the frames of all passes are kept, each under its fingerprint.
        depth: how finely they are kept.
    """

    source: str
    shots: tuple[Shot, ...]
    sheet: ExposureSheet
    spec: SegmentSpec
    passes: tuple[Pass, ...]
    sources: Mapping[str, FootageSource]
    film_picture: str
    scene: ResolvedScene | None
    fingerprints: Mapping[str, str]
    run_dir: Place
    depth: BitDepth

    @property
    def span(self) -> range:
        """The frames of the clip that the segment shows."""
        return range(self.shots[0].start, self.shots[-1].end)

    def find(self, name: str) -> Pass | None:
        """The pass of that name."""
        return next((step for step in self.passes if step.name == name), None)

    def giver(self, picture: str) -> Pass | None:
        """The pass that makes the pictures of that name; None for footage."""
        return self._givers.get(picture)

    @cached_property
    def _givers(self) -> dict[str, Pass]:
        return {name: step for step in self.passes for name in step.gives}

    def store(self, picture: str) -> FrameStore:
        """Where the pictures of that name lie."""
        fingerprint = self.fingerprints[self._givers[picture].name]
        return FrameStore(self.run_dir / picture / fingerprint, self.depth)

    def stores(self, step: Pass) -> list[FrameStore]:
        """Where a pass keeps all its pictures."""
        return [self.store(name) for name in step.gives]

    def missing(self, step: Pass, numbers: Iterable[int] | None = None) -> list[int]:
        """The frames of a pass that are not made yet; of `numbers`, those that it makes."""
        asked = None if numbers is None else set(numbers)
        owed = [number for number in step.frames.numbers if asked is None or number in asked]
        lacking = {number for store in self.stores(step) for number in store.missing(owed)}
        return [number for number in owed if number in lacking]

    def read(self, picture: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        """What `picture` shows at these frames: see `stylize.passes.base.Inputs.frames`."""
        giver = self.giver(picture)
        if giver is None:
            return self.sources[picture].read(numbers)
        store = self.store(picture)
        return (store.read(giver.frames.shown_at(number)) for number in numbers)

    def inputs(self) -> Inputs:
        """What the passes read."""
        return _SegmentInputs(self)


@dataclass(frozen=True)
class _SegmentInputs:
    segment: Segment

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        return scaled(self.segment.read(name, numbers), size)


@dataclass(frozen=True)
class PassProgress:
    """How far a pass has come in all segments: frames that it makes, those that are there, and their size."""

    name: str
    frames: int
    done: int
    size: tuple[int, int]


@dataclass(frozen=True)
class RenderJob:
    """Everything that is decided before the first frame is made.

    Attributes:
        clip: whose times, sound and colour tags the films have.
        segments: they cover the film exactly, in order. Nothing is read across a cut, so where a film is divided at
            its cuts no frame changes.
        films: what is written from the frames; the first is the film itself.
        run_dir: where the frames are kept meanwhile.
        remote: other machines draw: what this one has says nothing about them.
    """

    clip: Clip
    segments: tuple[Segment, ...]
    films: tuple[FilmOutput, ...]
    run_dir: Place
    remote: bool = False

    @property
    def film(self) -> FilmOutput:
        """The film itself."""
        return self.films[0]

    @property
    def foreground(self) -> FilmOutput | None:
        """The drawn subject with its alpha, as a film of its own."""
        return next((film for film in self.films[1:]), None)

    @property
    def span(self) -> range:
        """The frames of the clip that the film shows."""
        return range(self.segments[0].span.start, self.segments[-1].span.stop)

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(shot for segment in self.segments for shot in segment.shots)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of how the footage is read and what it is drawn with, in sentences."""
        clips = [source.clip for segment in self.segments for source in segment.sources.values()]
        said = dict.fromkeys(note for clip in (self.clip, *clips) for note in clip.notes)
        mended = sum(segment.sheet.mended for segment in self.segments)
        if mended:
            those = "1 pixel holds" if mended == 1 else f"{mended} pixels hold"
            said[f"{those} NaN or infinity: each gets the mean of those around it, or white."] = None
        sheet = self.segments[0].sheet
        lead = sheet.still_lead(ceil(SHORTEST_LEADER_S * self.clip.rate))
        if 0 < lead < len(sheet.shown):
            said[
                f"The first {lead} frames stand still, as black, colour bars or a slate do: they are drawn too. "
                f"--start {sheet.start + lead}f leaves them out."
            ] = None
        drawn = [
            segment.spec.why_drawn_so for segment in self.segments if isinstance(segment.spec, DrawingSpec)
        ]
        drawn += [segment.spec.on_faces for segment in self.segments if isinstance(segment.spec, DrawingSpec)]
        said |= dict.fromkeys(why for why in drawn if why)
        return tuple(said)

    def segment_at(self, index: int) -> Segment:
        """The segment that shows a frame."""
        return next(segment for segment in self.segments if index in segment.span)

    @cached_property
    def pass_names(self) -> tuple[str, ...]:
        """The passes of all segments, each after those that come before it in any segment."""
        before: dict[str, set[str]] = {}
        for segment in self.segments:
            names = [step.name for step in segment.passes]
            for earlier, name in zip([None, *names], names, strict=False):
                before.setdefault(name, set()).update([earlier] if earlier else [])
        return tuple(TopologicalSorter(before).static_order())

    def steps(self, name: str) -> list[tuple[Segment, Pass]]:
        """The segments that have a pass of that name, each with it."""
        return [(segment, step) for segment in self.segments for step in segment.passes if step.name == name]

    def progress(self, name: str) -> PassProgress:
        """How far a pass has come, as the store says."""
        steps = self.steps(name)
        frames = sum(len(step.frames.numbers) for _, step in steps)
        missing = sum(len(segment.missing(step)) for segment, step in steps)
        return PassProgress(name, frames, frames - missing, steps[0][1].size)

    def check_films(self, overwrite: bool) -> list[FilmTarget]:
        """Refuses outputs that cannot be meant or must not be replaced, before a frame is made.

        Raises:
            UsageError: see `stylize.footage.check_film`; or an output is one of the films that are read.
        """
        self.check_output(*(film.path for film in self.films))
        return [self.check_film(film, overwrite) for film in self.films]

    def check_output(self, *paths: Path) -> None:
        """Refuses outputs that are files which the job reads: see `files_read`.

        Raises:
            UsageError: one is.
        """
        check_outputs(paths, self.files_read)

    @property
    def files_read(self) -> list[Path]:
        """The files that decide the job's frames, besides networks' weights: footage, scenes with everything that
        they name, and painted keys."""
        sources = [source for segment in self.segments for source in segment.sources.values()]
        scenes = [segment.scene.scene for segment in self.segments if segment.scene is not None]
        specs = [segment.spec for segment in self.segments if isinstance(segment.spec, DrawingSpec)]
        return [
            *(file for source in sources for file in (source.clip.path, *source.files)),
            *(file for scene in scenes for file in scene.files_named),
            *(key.path for spec in specs if spec.keys is not None for key in spec.keys.files),
        ]

    def check_film(self, film: FilmOutput, overwrite: bool) -> FilmTarget:
        """As `check_films`, for one film of the job's frames and sound."""
        return footage.check_film(
            film.path,
            self.clip,
            format=film.format,
            start=self.span.start,
            end=self.span.stop,
            audio=film.audio,
            overwrite=overwrite,
        )
