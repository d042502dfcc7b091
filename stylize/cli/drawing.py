"""Planning and drawing, for the commands that do: the one place that knows how a job is made and run."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.cli.progress import Renderer, choose_renderer
from stylize.cli.run_options import RunOptions
from stylize.cli.spelling import repeat_command
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_seconds
from stylize.errors import Interrupted, StylizeError
from stylize.storage.place import place

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings
    from stylize.jobs.job import RenderJob
    from stylize.pipeline import Film

REPORT = "report"
"""The name under which the report's progress is told."""
_log = logging.getLogger(__name__)


def plan_film(clip: Path, out: Path, settings: RunSettings, how: RunOptions) -> RenderJob:
    """Plans the drawing of a clip.

    Raises:
        StylizeError: settings, clip or style that cannot be used.
    """
    from stylize.jobs.plan_run import plan_run

    plan = plan_run(clip, out, settings, work_dir=place(how.work_dir) if how.work_dir else None)
    _log.info("planned %d frames in %d shots", len(plan.span), len(plan.shots))
    return plan


def renderer_for(job: RenderJob, title: str, terminal: Terminal, how: RunOptions) -> Renderer:
    """Shows the progress of a job: it knows how many frames every pass has, and how many of them are done."""
    passes = [(each.name, each.frames, each.done) for each in map(job.progress, job.pass_names)]
    report = [(REPORT, len(job.span), 0)] if _has_report(job, how) else []
    films = [(film.pass_name, len(job.span), 0) for film in job.films]
    return choose_renderer(terminal, title, [*passes, *films, *report])


def draw(
    job: RenderJob,
    renderer: Renderer,
    how: RunOptions,
    *,
    quiet: bool,
    remember: bool = False,
    words: Sequence[str] = (),
) -> Film:
    """Runs the pipeline until it is done or the user stops it, and writes the report of what was made.

    Args:
        remember: leave the run's record and the film's receipt: see `pipeline.run`.
        words: of the command line, for the report to say how the film is made again.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; whatever fails after one of them counts as that.
    """
    from stylize import pipeline
    from stylize.report.beside_the_film import report_beside
    from stylize.report.pass_times import PassTimes
    from stylize.system.allocator import keep_few_arenas

    keep_few_arenas()
    watch, began = PassTimes(renderer), time.perf_counter()

    def report(job: RenderJob) -> None:
        if _has_report(job, how):
            report_beside(job, repeat_command(words), time.perf_counter() - began, watch, stopping.asked)

    with Stopping(quiet=quiet) as stopping:
        try:
            with renderer:
                return pipeline.run(
                    job,
                    watch,
                    resume=how.resume,
                    overwrite=how.overwrite,
                    keep=how.keep,
                    remember=remember,
                    stop=stopping.asked,
                    finishing=report,
                )
        except (KeyboardInterrupt, StylizeError) as error:
            if isinstance(error, StylizeError) and not (stopping.asked() or isinstance(error, Interrupted)):
                raise
            again = "the same command" if how.resume else "the same command without --no-resume"
            raise Interrupted(
                error.what if isinstance(error, Interrupted) else "Stopped; every finished frame is kept.",
                hint=f"{again} goes on from here",
            ) from error


def _has_report(job: RenderJob, how: RunOptions) -> bool:
    """A single picture has nothing in motion to report of."""
    return how.report and len(job.span) > 1


def announce(film: Film, terminal: Terminal) -> None:
    """Says which film was made, how long it is and how long it took."""
    from stylize.cli.as_json import as_json

    text = f"{film.path}: {film.frames} frames in {spell_seconds(film.seconds)}"
    terminal.answer({"event": "film", **as_json(film)}, text)
