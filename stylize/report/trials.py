"""Trial sheets: the same frames drawn with several settings, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stylize import footage
from stylize.config.settings import RunSettings
from stylize.errors import Interrupted, UsageError
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.clip import Pixels
from stylize.jobs.analysis import ClipAnalysis
from stylize.jobs.job import RenderJob
from stylize.report.labelled_sheet import SheetCell, draw_labelled_sheet
from stylize.storage.pictures import write_picture

MOST_CELLS = 100
NAME = "try"
"""The name under which a sheet's progress is told."""


@dataclass(frozen=True)
class Trial:
    """One way to draw: its settings, and the command that draws the whole film so."""

    settings: RunSettings
    command: str


@dataclass(frozen=True)
class TrialTable:
    """The ways to draw, by rows and columns with their headings."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    trials: tuple[tuple[Trial, ...], ...]

    @property
    def commands(self) -> list[str]:
        """Row by row, as they are numbered on the sheet."""
        return [trial.command for row in self.trials for trial in row]


def draw_trials(
    found: ClipAnalysis,
    table: TrialTable,
    moments: Sequence[int],
    out: Path,
    listener: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Draws frames of a clip in every way of a table, and writes one picture of them all, the source at the left.

    Args:
        found: the clip and its shots.
        moments: frame numbers from 0.
        out: a .png or .jpg file.
        listener, stop: as in `stylize.pipeline.run`.

    Raises:
        UsageError: a moment lies outside the clip, or there are too many pictures.
        StylizeError: settings that cannot be used, or the picture cannot be written.
    """
    count = len(moments) * len(table.commands)
    if count > MOST_CELLS:
        raise UsageError(
            f"These are {count} pictures; a sheet has {MOST_CELLS} at most.", hint="try fewer values at once"
        )
    jobs = [_plan(found, moments, trial.settings) for row in table.trials for trial in row]
    began = time.perf_counter()
    listener(PassStarted(NAME, count))
    drawn = _draw_all(jobs, moments, listener, stop)
    listener(PassFinished(NAME, time.perf_counter() - began))
    headings: list[str] = []
    cells: list[list[SheetCell]] = []
    for moment in moments:
        when = f"{footage.format_time(moment, found.clip)}, frame {moment}"
        for at, heading in enumerate(table.rows):
            numbers = range(at * len(table.columns), (at + 1) * len(table.columns))
            source = drawn[numbers.start, moment][0]
            cells.append([SheetCell(source), *(SheetCell(drawn[n, moment][1], n + 1) for n in numbers)])
            headings.append(f"{when}   {heading}".rstrip())
    columns = ["source", *table.columns]
    sheet = draw_labelled_sheet(
        headings, columns, cells, title=found.clip.path.name, lines=table.commands, width_px=_width(columns)
    )
    return write_picture(sheet, out)


def _width(columns: Sequence[str]) -> int:
    """Of a picture, px: a sheet is at most some 2400 px wide, and its pictures are at least 240."""
    return max(240, min(480, 2400 // len(columns)))


def _plan(found: ClipAnalysis, moments: Sequence[int], settings: RunSettings) -> RenderJob:
    from stylize.jobs.naming import default_output
    from stylize.jobs.plan_run import plan_preview

    return plan_preview(found, moments, default_output(found.clip.path, settings), settings)


def _draw_all(
    jobs: Sequence[RenderJob], moments: Sequence[int], listener: Listener, stop: Callable[[], bool]
) -> dict[tuple[int, int], tuple[Pixels, Pixels]]:
    """The frames of all jobs: source and drawing, by the job's place and the moment.

    Jobs that need the same weights follow each other, so that those are loaded once.
    """
    from stylize import pipeline

    drawn: dict[tuple[int, int], tuple[Pixels, Pixels]] = {}
    last: RenderJob | None = None
    for place in sorted(range(len(jobs)), key=lambda place: _weights(jobs[place])):
        if last is not None:
            _hand_over(last, jobs[place])
        last = jobs[place]
        for moment in moments:
            if stop():
                raise Interrupted("Stopped.", hint="give the same command to begin again")
            drawn[place, moment] = pipeline.draw_frame(last, moment)
            listener(FrameDone(NAME, len(drawn) - 1))
    return drawn


def _weights(job: RenderJob) -> str:
    """Equal for jobs that load the same weights."""
    from stylize.generators.load import what_is_loaded
    from stylize.passes.style import StylePass

    steps = [step for segment in job.segments for step in segment.passes if isinstance(step, StylePass)]
    return repr([what_is_loaded(step.config) for step in steps])


def _hand_over(earlier: RenderJob, job: RenderJob) -> None:
    """Gives a job the model that another one has loaded; the other one forgets its own."""
    from stylize.passes.style import StylePass

    steps = [
        [step for segment in each.segments for step in segment.passes if isinstance(step, StylePass)]
        for each in (earlier, job)
    ]
    for loaded in steps[0]:
        for step in steps[1]:
            step.take_over(loaded)
    for segment in earlier.segments:
        for each in segment.passes:
            each.close()
