"""A job as a table that JSON can hold, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from stylize.errors import UsageError
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Clip, Shot
from stylize.footage.pulldown import CYCLE
from stylize.footage.source import FootageSource
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.manifest.contents import changed_file
from stylize.jobs.segments import make_segment
from stylize.jobs.specs import DrawingSpec, SegmentContext, SegmentSpec, SteadyingSpec
from stylize.storage.frame_file import BitDepth
from stylize.storage.place import Place
from stylize.system.limits import limits

FINGERPRINT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class SegmentRecord:
    """What a segment is built from again. Its fingerprints are kept to see that the same frames come of it."""

    source: str
    shots: tuple[Shot, ...]
    sheet: ExposureSheet
    spec: Annotated[SegmentSpec, Field(discriminator="kind")]
    fingerprints: dict[str, str]
    depth: BitDepth


@dataclass(frozen=True)
class JobRecord:
    """A job without its run folder, which is where the record lies."""

    clip: Clip
    films: tuple[FilmOutput, ...]
    segments: tuple[SegmentRecord, ...]


def record_of(job: RenderJob) -> dict[str, Any]:
    """A job as a table, its paths absolute."""
    record = JobRecord(
        _absolute(job.clip),
        tuple(film.absolute() for film in job.films),
        tuple(
            SegmentRecord(
                each.source,
                each.shots,
                each.sheet,
                _recorded_spec(each.spec),
                dict(each.fingerprints),
                each.depth,
            )
            for each in job.segments
        ),
    )
    table: dict[str, Any] = _adapter().dump_python(record, mode="json")
    return table


def job_from(table: object, run_dir: Place, *, to_look: bool = False, may_fetch: bool = True) -> RenderJob:
    """The job of a table, whose run folder lies there.

    Args:
        to_look: nothing will be made of it: its frames may be those of another version.
        may_fetch: models that it names may be fetched from the network.

    Raises:
        UsageError: the table is no job's, or what it names is gone, or would give other frames by now.
    """
    try:
        record: JobRecord = _adapter().validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _no_job(f"{where}: {first['msg']}", run_dir) from error
    except (ArithmeticError, RecursionError) as error:  # a fraction over nothing
        raise _no_job(str(error), run_dir) from error
    check_record(record, run_dir)
    try:
        records = record.segments if may_fetch else tuple(map(_offline, record.segments))
        segments = tuple(_segment(each, record.clip, run_dir, to_look) for each in records)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _no_job(f"{type(error).__name__}: {error}", run_dir) from error
    except OSError as error:
        raise UsageError(
            f"A file that this run is made from cannot be read: {error.strerror or error}.",
            where=error.filename or run_dir,
            hint="put it back where it was, or plan the run again: give the command that began it once more",
        ) from error
    return RenderJob(record.clip, segments, record.films, run_dir)


def check_record(record: JobRecord, run_dir: Place) -> None:
    """Refuses a record whose parts do not go together: they are read far from here, each for itself.

    Raises:
        UsageError: they do not.
    """
    clip, most = record.clip, limits()
    if not record.segments or not record.films:
        raise _no_job("it makes no film", run_dir)
    if not (0 < clip.frame_count <= most.frames and len(clip.pts) in (0, clip.frame_count)):
        raise _no_job("the clip's frames cannot be counted", run_dir)
    down = clip.pulldown
    if down and (
        min(down.rate, down.time_base) <= 0
        or down.phase not in range(CYCLE)
        or not 0 < len(down.pts) <= most.frames
        or down.frame_count != clip.frame_count
    ):
        raise _no_job("the clip's frames do not lie in those of its file", run_dir)
    if min(clip.width, clip.height) < 1 or clip.width * clip.height > most.picture_pixels:
        raise _no_job(f"the clip cannot be {clip.width}x{clip.height}", run_dir)
    if min(clip.rate, clip.time_base, clip.pixel_aspect) <= 0:
        raise _no_job("the clip's rate, time base and pixel aspect must be above 0", run_dir)
    due = None
    for segment in record.segments:
        sheet, length = segment.sheet, sum(len(shot) for shot in segment.shots)
        if not segment.shots or {len(sheet.shown), len(sheet.pictures)} != {length}:
            raise _no_job("its exposure sheet is not of its shots", run_dir)
        frames = range(segment.shots[0].start, segment.shots[-1].end)
        if any(each not in frames for each in (*sheet.shown, *sheet.pictures)) or sheet.start != frames.start:
            raise _no_job("its exposure sheet names frames of other shots", run_dir)
        for shot in segment.shots:
            if shot.start != (shot.start if due is None else due) or not 0 <= shot.start < shot.end:
                raise _no_job("its shots do not follow one another", run_dir)
            due = shot.end
    if due is None or due > clip.frame_count:
        raise _no_job("its shots reach beyond the clip", run_dir)


def _offline(record: SegmentRecord) -> SegmentRecord:
    """The record with a config that never uses the network."""
    if not isinstance(record.spec, DrawingSpec):
        return record
    spec = record.spec
    config = spec.config.model_copy(update={"offline": True})
    own = spec.key_model
    if own is not None:
        own = replace(own, config=own.config.model_copy(update={"offline": True}))
    return replace(record, spec=replace(spec, config=config, key_model=own))


def _no_job(why: str, run_dir: Place) -> UsageError:
    return UsageError(f"The run's record holds no job: {why}.", where=run_dir)


def _segment(record: SegmentRecord, clip: Clip, run_dir: Place, to_look: bool) -> Segment:
    """The segment built anew. Its fingerprints name folders that are written to and removed: they are never taken
    from the record as they stand, unless they are fingerprints indeed and nothing will be made."""
    if not all(FINGERPRINT.fullmatch(each) for each in record.fingerprints.values()):
        raise UsageError("The run's record holds fingerprints that are none.", where=run_dir)
    context = SegmentContext(clip, record.source, record.shots, record.sheet, run_dir)
    segment = make_segment(context, record.spec, record.depth)
    changed = None if to_look else changed_file(record.spec, clip, record.source)
    if segment.fingerprints == record.fingerprints and changed is None:
        return segment
    if to_look and segment.fingerprints.keys() == record.fingerprints.keys():
        return replace(segment, fingerprints=record.fingerprints)
    raise UsageError(
        "What this run is made from has changed since it was planned: its frames would not go together.",
        where=changed or run_dir,
        hint="plan it again: give the command that began it once more",
    )


def _absolute(clip: Clip) -> Clip:
    return replace(clip, path=clip.path.absolute())


def _recorded_spec(spec: SegmentSpec) -> SegmentSpec:
    """With absolute paths, and without the sentence on why a runtime was chosen: a run that goes on says another
    one, and its record must stay what it was."""
    if isinstance(spec, DrawingSpec):
        return replace(spec, why_drawn_so="")
    if isinstance(spec, SteadyingSpec):
        return replace(spec, stylized=_absolute_source(spec.stylized), plate=_absolute_source(spec.plate))
    return spec


def _absolute_source(source: FootageSource) -> FootageSource:
    return replace(source, clip=_absolute(source.clip))


@cache
def _adapter() -> TypeAdapter[JobRecord]:
    return TypeAdapter(JobRecord)
