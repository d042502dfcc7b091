"""Films drawn in a style: planned, drawn, or one frame of them looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from stylize import footage, pipeline
from stylize.api.given import settings_given
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.events import Listener, silent
from stylize.jobs.analysis import analyse_clip
from stylize.jobs.job import RenderJob
from stylize.jobs.naming import bare_name, default_output
from stylize.jobs.plan_run import plan_preview, plan_run
from stylize.storage.place import place


def plan(
    clip: str | PathLike[str],
    out: str | PathLike[str] | None = None,
    *,
    settings: RunSettings | None = None,
    work_dir: str | PathLike[str] | None = None,
    **named: Any,
) -> RenderJob:
    """Decides everything about a film without drawing any of it.

    Args:
        clip: a film file, or an image sequence (`shot.%06d.png`).
        out: the film; by default `CLIP.STYLE.mp4` in the current folder.
        settings: all settings of the run; by default those of the style.
        work_dir: where unfinished frames are kept, a folder or a URL such as `s3://bucket/run`; by default
            `OUT.stylize` beside the film.
        named: single settings by name, in place of those in `settings`: style="anime", steps=4, seed=7, ...

    Returns:
        a job: its clip, segments, passes and films. `stylize.jobs.cost.cost_of(job)` says what it takes.

    Raises:
        StylizeError: what cannot be meant, read or found, with a hint.
    """
    given = settings_given(settings, named)
    film = Path(out) if out is not None else default_output(Path(clip), given)
    runs = place(fspath(work_dir)) if work_dir is not None else None
    return plan_run(Path(clip), film, given, work_dir=runs)


def run(
    clip: str | PathLike[str] | RenderJob,
    out: str | PathLike[str] | None = None,
    *,
    listener: Listener = silent,
    resume: bool = True,
    overwrite: bool = False,
    keep: bool = False,
    report: bool = False,
    stop: Callable[[], bool] = lambda: False,
    settings: RunSettings | None = None,
    work_dir: str | PathLike[str] | None = None,
    **named: Any,
) -> pipeline.Film:
    """Draws a clip in a style.

    Every finished frame is kept at once: after a stop or a kill the same call goes on with what is missing and ends
    in the same film.

    Args:
        clip: a film file, an image sequence, or a job that `plan` made (then `out` and the settings are the job's).
        out: the film; by default `CLIP.STYLE.mp4` in the current folder.
        listener: is called with every event: see `stylize.events`.
        resume: go on with the frames of an earlier run; else they are made again.
        overwrite: replace a film that is there already.
        keep: leave the frames of all passes in the run's folder when the film is whole.
        report: write `FILM.report.html` beside the film: what goes wrong with it is told to `listener`.
        stop: asked between frames; once it answers True, `stylize.errors.Interrupted` is raised.
        settings, work_dir, named: as in `plan`.

    Returns:
        the film's path, its number of frames, and the seconds it took.

    Raises:
        StylizeError: what went wrong, with a hint; finished frames are kept.
    """
    if isinstance(clip, RenderJob):
        if out is not None or settings is not None or work_dir is not None or named:
            raise UsageError(
                "A planned job has its own output and settings.", hint="give them to stylize.plan"
            )
        job = clip
    else:
        job = plan(clip, out, settings=settings, work_dir=work_dir, **named)
    if not report:
        return pipeline.run(job, listener, resume=resume, overwrite=overwrite, keep=keep, stop=stop)
    from stylize.report.beside_the_film import report_beside
    from stylize.report.pass_times import PassTimes

    watch, began = PassTimes(listener), time.perf_counter()
    call = f"stylize.run({str(job.clip.path)!r}, {str(job.film.path)!r}, ...)"
    return pipeline.run(
        job,
        watch,
        resume=resume,
        overwrite=overwrite,
        keep=keep,
        stop=stop,
        finishing=lambda job: report_beside(job, call, time.perf_counter() - began, watch, stop),
    )


def preview(
    clip: str | PathLike[str],
    moment: str | float,
    out: str | PathLike[str] | None = None,
    *,
    settings: RunSettings | None = None,
    **named: Any,
) -> Path:
    """Draws one frame of a clip and writes it beside its source as PNG: source left, drawing right.

    The film shows the same drawing there, but for steadying, which needs its neighbours.

    Args:
        moment: seconds, or as `--start` takes it: `12.5`, `00:01:02.5`, `120f`.
        out: the picture; by default `CLIP.STYLE.FRAME.png` in the current folder.
        settings, named: as in `plan`.

    Raises:
        StylizeError: what went wrong, with a hint.
    """
    from stylize.generators.resolve import resolve_config

    given = settings_given(settings, named)
    resolve_config(given)  # a misspelt setting is found before the clip is searched for its shots
    found = analyse_clip(Path(clip), given)
    index = footage.parse_time(str(moment), found.clip)
    job = plan_preview(found, [index], default_output(Path(clip), given), given)
    name = Path(out) if out is not None else Path(f"{bare_name(job.film.path)}.{index:06d}.png")
    return pipeline.preview(job, index, name)
