"""Planning and drawing, for the commands that do: the one place that knows how a job is made and run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.cli.progress import Renderer, choose_renderer
from stylize.cli.run_options import RunOptions
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_seconds
from stylize.errors import Interrupted, StylizeError
from stylize.storage.place import place

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings
    from stylize.jobs.job import RenderJob
    from stylize.pipeline import Film

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


def renderer_for(job: RenderJob, title: str, terminal: Terminal) -> Renderer:
    """Shows the progress of a job: it knows how many frames every pass has, and how many of them are done."""
    passes = [(each.name, each.frames, each.done) for each in map(job.progress, job.pass_names)]
    return choose_renderer(terminal, title, [*passes, ("encode", len(job.span), 0)])


def draw(job: RenderJob, renderer: Renderer, how: RunOptions, *, quiet: bool, remember: bool = False) -> Film:
    """Runs the pipeline until it is done or the user stops it.

    Args:
        remember: leave the run's record and the film's receipt: see `pipeline.run`.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; whatever fails after one of them counts as that.
    """
    from stylize import pipeline

    with Stopping(quiet=quiet) as stopping:
        try:
            with renderer:
                return pipeline.run(
                    job,
                    renderer,
                    resume=how.resume,
                    overwrite=how.overwrite,
                    keep=how.keep,
                    remember=remember,
                    stop=stopping.asked,
                )
        except (KeyboardInterrupt, StylizeError) as error:
            if isinstance(error, StylizeError) and not (stopping.asked() or isinstance(error, Interrupted)):
                raise
            again = "the same command" if how.resume else "the same command without --no-resume"
            raise Interrupted(
                error.what if isinstance(error, Interrupted) else "Stopped; every finished frame is kept.",
                hint=f"{again} goes on from here",
            ) from error


def announce(film: Film, terminal: Terminal) -> None:
    """Says which film was made, how long it is and how long it took."""
    from stylize.cli.as_json import as_json

    text = f"{film.path}: {film.frames} frames in {spell_seconds(film.seconds)}"
    terminal.answer({"event": "film", **as_json(film)}, text)
