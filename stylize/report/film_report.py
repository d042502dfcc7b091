"""The report of a finished film: `FILM.report.html` beside it, one page that needs nothing but itself."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deflicker.prefetch import prefetch
from stylize import footage
from stylize.errors import OutputError
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.clip import Frame, Pixels
from stylize.footage.outfile import sweep, temporary_folder
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.repairs import read_repairs
from stylize.jobs.shown import clip_cutouts
from stylize.jobs.shown import seen as as_seen
from stylize.report.flicker import FlickerMeter
from stylize.report.page.document import is_ours, write_document
from stylize.report.page.pictures import jpeg
from stylize.report.page.viewer import StackedFilm
from stylize.report.pass_times import PassTime
from stylize.report.pictures_seen import Seen, compared, look, page_size, small_picture
from stylize.report.report_parts import MOST_FRAMES, MOST_REPAIRS, RepairPictures, ReportParts, Thumb
from stylize.report.sections import page_body
from stylize.storage.atomic import atomic_write

NAME = "report"
"""The name under which the report's progress is told."""
MOST_THUMBS, THUMBS_A_SHOT, THUMB_PX = 160, 4, 260
REPAIR_PX = 240
AHEAD = 2
"""Frames that are read while one is looked at."""


def report_file(out: Path) -> Path:
    """Where the report of a film or an image sequence lies."""
    return out.with_name(f"{out.name.replace('%', '').replace('#', '')}.report.html")


def write_report(
    job: RenderJob,
    *,
    command: str,
    seconds: float,
    times: Mapping[str, PassTime],
    listener: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Path | None:
    """Writes the report of a job whose films are written and whose frames still lie in its store.

    Args:
        command: what makes the film again.
        seconds: how long the film took.
        times: of the passes, by name.
        listener: is told of the frames that were looked at, as of a pass.
        stop: asked between frames; once it answers True, no report is written.

    Returns:
        the page, or None if it was stopped.

    Raises:
        OutputError: it cannot be written, or a file that is no report has its name.
    """
    out, began = report_file(job.film.path), time.perf_counter()
    if out.exists() and not (out.is_file() and is_ours(out)):
        raise OutputError("A file that is no report has the report's name.", where=out, hint="move it away")
    listener(PassStarted(NAME, len(job.span)))
    with temporary_folder(out.parent, ".report.") as folder:
        gathered = _Gathered(job, page_size(job.clip), listener, stop)
        film = gathered.write_film(folder / "film.mp4")
        if film is None:
            return None
        repairs = read_repairs(job)
        rows = repairs.rows[:MOST_REPAIRS] if repairs else ()
        repaired = tuple(_repair_pictures(job, row) for row in rows)
        parts = ReportParts(
            job,
            command,
            seconds,
            times,
            film,
            tuple(gathered.thumbs),
            gathered.meter.curve(),
            repairs,
            repaired,
        )
        page = write_document(f"{job.film.path.name}: report", page_body(parts), film.data())
    sweep(out.parent, f".{out.name}.", ".tmp")
    atomic_write(out, page)
    listener(PassFinished(NAME, time.perf_counter() - began))
    return out


class _Stopped(Exception):
    """The user does not want to wait for the report."""


@dataclass
class _Gathered:
    """One way through the film, frame by frame: it is stacked, measured, and some of it is kept as thumbs.

    Reading, measuring and coding take about as long as each other: each has a thread.
    """

    job: RenderJob
    size: tuple[int, int]
    listener: Listener
    stop: Callable[[], bool]
    thumbs: list[Thumb] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meter = FlickerMeter(sum(len(segment.sheet.drawings) for segment in self.job.segments))

    def write_film(self, file: Path) -> StackedFilm | None:
        """Writes the stacked film; None if it was stopped."""
        job, clip = self.job, self.job.clip
        played = range(job.span.start, min(job.span.stop, job.span.start + MOST_FRAMES))
        names: list[str] = []
        has_sound = job.film.audio and bool(clip.audio) and not clip.is_sequence
        seen = self._seen()

        def stacked() -> Iterator[Frame]:
            for number in played:
                each = next(seen)
                names[:] = list(each.pictures)
                yield Frame(number, clip.pts_of(number), np.concatenate(list(each.pictures.values()), axis=0))

        try:
            footage.write_web_film(stacked(), file, clip, played, sound=has_sound)
            deque(seen, maxlen=0)
        except _Stopped:
            return None
        start = clip.seconds_of(played.start)
        times = [float(clip.seconds_of(number) - start) for number in played]
        return StackedFilm(file, names, times, played.start, self.size[0] / self.size[1], has_sound)

    def _seen(self) -> Iterator[Seen]:
        """Every frame, measured in a thread of its own while the frames before it are coded."""
        for seen in prefetch(self._measured(), AHEAD):
            if self.stop():
                raise _Stopped
            yield seen
            self.listener(FrameDone(NAME, seen.number))

    def _measured(self) -> Iterator[Seen]:
        chosen = _moments(self.job)
        shot_starts = {shot.start for shot in self.job.shots}
        for seen in prefetch(look(self.job, self.size), AHEAD):
            if seen.number in shot_starts:
                self.meter.begin_shot()
            self._measure(self.job.segment_at(seen.number), seen)
            if seen.number in chosen:
                pair = [seen.pictures["source"], seen.pictures["film"]]
                self.thumbs.append(Thumb(seen.number, jpeg(np.concatenate(pair, axis=0), THUMB_PX)))
            yield seen

    def _measure(self, segment: Segment, seen: Seen) -> None:
        films = compared(segment)
        if seen.number not in films.numbers:
            return

        def pictures() -> dict[str, Pixels]:
            """The pictures of passes from the store; footage has been read already."""
            given = seen.drawn_on.get("given", seen.pictures["film"])
            return {
                label: given
                if segment.giver(name) is None
                else small_picture(segment, name, seen.number, 240)
                for label, name in films.pictures.items()
            }

        self.meter.add(seen.number, seen.drawn_on["source"], pictures)


def _moments(job: RenderJob) -> frozenset[int]:
    """The frames of the contact sheet: a few of each shot, fewer where there are many shots."""
    each = max(1, min(THUMBS_A_SHOT, MOST_THUMBS // len(job.shots)))
    return frozenset(
        shot.start + (2 * at + 1) * len(shot) // (2 * min(each, len(shot)))
        for shot in job.shots[:MOST_THUMBS]
        for at in range(min(each, len(shot)))
    )


def _repair_pictures(job: RenderJob, row: Mapping[str, object]) -> RepairPictures:
    from stylize.passes.base import PLATE
    from stylize.passes.repair import RepairPass

    number = int(str(row["frame"]))
    segment = job.segment_at(number)
    step = next(step for step in segment.passes if isinstance(step, RepairPass))
    names = {"source": PLATE, "drawn": step.before, "kept": step.name}
    return RepairPictures(
        row,
        {
            label: jpeg(_seen_at(job, segment, name, number), REPAIR_PX, step.size)
            for label, name in names.items()
        },
    )


def _seen_at(job: RenderJob, segment: Segment, name: str, number: int) -> Pixels:
    picture = next(segment.read(name, [number]))[..., :3]
    return as_seen(job, picture, clip_cutouts(job, segment, job.film, [number]))
