"""Steadying the finished frames of any other tool: what will be done, with which fingerprints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from stylize import footage
from stylize.config.settings import Repair, RunSettings
from stylize.errors import FootageError, UsageError
from stylize.footage.cadence import ExposureSheet, expose
from stylize.footage.clip import Clip, Frame, Pixels, Shot
from stylize.jobs.job import check_film_of
from stylize.jobs.plan import FORMATS, PassPlan, fingerprints, identity_of, shots_of, span_of, stem_of
from stylize.passes.base import Inputs, Pass
from stylize.storage.fingerprint import fingerprint
from stylize.storage.frame_store import FrameStore
from stylize.storage.place import Place

GIVEN = "given"
"""The name under which passes read the finished frames."""
LIKENESS = 0.02
"""How far the proportions of two pictures of one thing may differ: sizes are rounded."""


@dataclass(frozen=True)
class Reading:
    """Frames of a clip, numbered as the film numbers them: frame n is the clip's n - `first`."""

    clip: Clip
    first: int
    size: tuple[int, int]

    @property
    def files(self) -> list[Path]:
        return footage.source_files(self.clip)

    def read(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        """The frames at `size`.

        Raises:
            FootageError: a frame is damaged, or holds NaN or infinity.
        """
        for frame in footage.pick_frames(self.clip, [number - self.first for number in numbers]):
            yield _fitted(_checked(frame, self.clip), self.size)


@dataclass(frozen=True)
class FinishedPlan:
    """A film of finished frames to be steadied along the motion of their source.

    Frames are numbered as in `clip`, whose times and sound the film gets: the source, or the finished film itself
    where the source is an image sequence, which has neither.
    """

    clip: Clip
    stylized: Reading
    source: Reading
    span: range
    shots: tuple[Shot, ...]
    sheet: ExposureSheet
    out: Path
    format: str
    audio: bool
    run_dir: Place
    steps: tuple[Pass, ...]
    fingerprints: dict[str, str]
    strength: float
    repair: Repair

    comp = foreground = None

    @property
    def parts(self) -> tuple[FinishedPlan, ...]:
        return (self,)

    def store(self, name: str) -> FrameStore:
        deep = self.stylized.clip.bit_depth > 8
        return FrameStore(self.run_dir / name / self.fingerprints[name], sixteen_bit=deep)

    def frames_of(self, name: str) -> Sequence[int]:
        return self.sheet.drawings

    def shown(self, name: str, index: int) -> int:
        return self.sheet.drawing_at(index)

    def inputs(self) -> Inputs:
        return _Inputs(self)

    def check_film(self, overwrite: bool) -> None:
        """Refuses an output that cannot be meant, or is one of the two films.

        Raises:
            UsageError: see `stylize.footage.check_film`.
        """
        check_film_of(self, overwrite)
        for reading in (self.stylized, self.source):
            if self.out.absolute() in (file.absolute() for file in (reading.clip.path, *reading.files)):
                raise UsageError(
                    "The output is one of the two films.", where=self.out, hint="Choose another name."
                )

    @cached_property
    def passes(self) -> tuple[PassPlan, ...]:
        owed = self.sheet.drawings
        return tuple(
            PassPlan(
                step.name,
                self.fingerprints[step.name],
                len(owed),
                len(owed) - len(self.store(step.name).missing(owed)),
                self.stylized.size,
            )
            for step in self.steps
        )


@dataclass(frozen=True)
class _Inputs:
    plan: FinishedPlan

    def plates(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return self.plan.source.read(numbers)

    def sources(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return self.plan.source.read(numbers)

    def frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        if name == GIVEN:
            return self.plan.stylized.read(numbers)
        store = self.plan.store(name)
        return (store.read(self.plan.shown(name, number)) for number in numbers)


def plan_finished(
    stylized: Path, source: Path, out: Path, settings: RunSettings, *, work_dir: Place | None = None
) -> FinishedPlan:
    """Probes both films, sees that they are of one length and shape, and finds the cuts in the source.

    Of the settings `steady`, `repair`, `shots`, `start`, `end` (the part of the source that was stylized), `rate`,
    `format` and `audio` count. Frames of the finished film that repeat a picture are steadied once.

    Raises:
        UsageError: the films differ in length or shape, or nothing is to be done.
        FootageError: one of them cannot be read.
    """
    if settings.steady == 0 and settings.repair != "auto":
        raise UsageError(
            "At strength 0 and without repair the film stays as it is.", hint="leave --strength out"
        )
    rate = footage.parse_rate(settings.rate)
    drawn, plate = footage.probe(stylized, rate=rate), footage.probe(source, rate=rate)
    part = span_of(plate, settings)
    if drawn.frame_count != len(part):
        raise UsageError(
            f"The stylized film has {drawn.frame_count} frames, its source {len(part)}.",
            where=stylized,
            hint="give the very frames that were stylized; --start and --end name a part of the source",
        )
    _check_shape(drawn, plate)
    own_clock = plate.is_sequence and not drawn.is_sequence
    first = 0 if own_clock else part.start
    shift = first - part.start
    span = range(first, first + len(part))
    shots = tuple(Shot(s.start + shift, s.end + shift) for s in shots_of(plate, part, settings.shots))
    size = (drawn.width, drawn.height)
    steps = finished_steps(settings.steady, settings.repair, size)
    here = [Shot(shot.start - first, shot.end - first) for shot in shots]
    sheet = expose(shots, [1] * len(shots), [first + n for n in footage.find_repeats(drawn, here)])
    identity = fingerprint(identity_of(drawn), identity_of(plate), part.start, first)
    return FinishedPlan(
        clip=_clock(drawn if own_clock else plate, drawn),
        stylized=Reading(drawn, first, size),
        source=Reading(plate, shift, size),
        span=span,
        shots=shots,
        sheet=sheet,
        out=out,
        format=settings.format or FORMATS.get(out.suffix.lower(), "mp4"),
        audio=settings.audio,
        run_dir=work_dir or out.with_name(f"{stem_of(out)}.stylize"),
        steps=steps,
        fingerprints=fingerprints(steps, identity, shots, sheet, {GIVEN: identity}),
        strength=settings.steady,
        repair=settings.repair,
    )


def write_comparison(plan: FinishedPlan, out: Path, overwrite: bool = False) -> Path:
    """Writes the finished film beside the steadied one, left and right, at its times and with its sound.

    The frames of the plan must lie in its store: run the pipeline with `keep`.

    Raises:
        UsageError, OutputError: as `footage.write_film`.
    """
    store, last = plan.store(plan.steps[-1].name), plan.steps[-1].name

    def pairs() -> Iterator[Frame]:
        for number, given in zip(plan.span, plan.stylized.read(plan.span), strict=True):
            steadied = store.read(plan.shown(last, number))
            yield Frame(number, plan.clip.pts_of(number), np.concatenate([given, steadied], axis=1))

    return footage.write_film(
        pairs(),
        out,
        plan.clip,
        format=FORMATS.get(out.suffix.lower(), "mp4"),
        start=plan.span.start,
        end=plan.span.stop,
        audio=plan.audio,
        overwrite=overwrite,
    )


def finished_steps(strength: float, mode: Repair, size: tuple[int, int]) -> tuple[Pass, ...]:
    """The passes that finished frames go through."""
    from deflicker import SteadySettings
    from stylize.passes import RepairPass, SteadyPass

    steps: list[Pass] = []
    if mode != "off":
        steps.append(RepairPass(mode, size, before=GIVEN))
    if strength > 0:
        before = steps[-1].name if steps else GIVEN
        steady = SteadySettings(strength=strength)
        steps.append(SteadyPass(steady, size, before=before, rereads=before != GIVEN))
    return tuple(steps)


def _clock(clip: Clip, drawn: Clip) -> Clip:
    """The clip whose times count, with the finished film's picture."""
    return replace(
        clip,
        width=drawn.width,
        height=drawn.height,
        pixel_aspect=drawn.pixel_aspect,
        colour=drawn.colour,
        bit_depth=drawn.bit_depth,
    )


def _check_shape(drawn: Clip, plate: Clip) -> None:
    """Refuses pictures of different proportions, as stored or as shown: one cannot lie over the other."""
    stored, shown = (
        (clip.width / clip.height, float(clip.width * clip.pixel_aspect / clip.height))
        for clip in (drawn, plate)
    )
    if min(abs(a / b - 1) for a, b in zip(stored, shown, strict=True)) > LIKENESS:
        raise UsageError(
            f"The stylized film is {drawn.width}x{drawn.height}, its source {plate.width}x{plate.height}: "
            "they are of different proportions.",
            where=drawn.path,
            hint="crop or pad one of them, so that both show the same picture; their sizes may differ",
        )


def _checked(frame: Frame, clip: Clip) -> Pixels:
    if not np.isfinite(frame.pixels).all():
        where = clip.path
        if clip.is_sequence:
            where = footage.source_files(clip)[frame.index]
        raise FootageError(
            f"Frame {frame.index} holds NaN or infinite values.", where=where, hint="Render this frame again."
        )
    return frame.pixels


def _fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture at (width, height) `size`."""
    import cv2

    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    how = cv2.INTER_AREA if pixels.shape[1] > size[0] else cv2.INTER_LINEAR
    return np.clip(cv2.resize(pixels, size, interpolation=how), 0, 1, dtype=np.float32)
