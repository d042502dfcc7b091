"""The report as the last thing of a run: the film is whole by then, and nothing that goes wrong here fails it."""

from __future__ import annotations

from collections.abc import Callable

from stylize.errors import StylizeError
from stylize.events import Note
from stylize.jobs.job import RenderJob
from stylize.report.pass_times import PassTimes


def report_beside(
    job: RenderJob, command: str, seconds: float, watch: PassTimes, stop: Callable[[], bool] = lambda: False
) -> None:
    """Writes the report of a job whose films are written and whose frames still lie in its store, and tells where.

    A single picture has nothing in motion to report of, and gets none.

    Args:
        command: what makes the film again.
        seconds: how long the film took.
        watch: has listened to the run; it is told of the report's progress and of what became of it.
        stop: asked between frames; once it answers True, no report is written.
    """
    from stylize.report.film_report import write_report

    if len(job.span) == 1:
        return
    times = dict(watch.passes)
    try:
        written = write_report(job, command=command, seconds=seconds, times=times, listener=watch, stop=stop)
        watch(Note("The report was left out." if written is None else f"report: {written}"))
    except StylizeError as error:
        watch(Note(f"The report could not be written: {error.what}"))
