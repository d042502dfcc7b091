"""`stylize steady`: takes the flicker out of finished frames, whoever drew them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import refuse_existing
from stylize.cli.run import RunOptions, announce, draw, renderer_for_job
from stylize.cli.terminal import Terminal
from stylize.errors import UsageError
from stylize.jobs.naming import ENDINGS, bare_name
from stylize.storage.place import place

if TYPE_CHECKING:
    from stylize.jobs.films import FilmOutput
    from stylize.jobs.job import RenderJob

Stylized = Annotated[
    Path,
    typer.Argument(
        metavar="STYLIZED", help="the finished frames: a film file, or an image sequence: out.%06d.png"
    ),
]
Source = Annotated[
    Path,
    typer.Option(
        "--source",
        metavar="PLATE",
        help="what they were made from, frame for frame: a film file or an image sequence",
    ),
]
Strength = Annotated[
    float | None,
    typer.Option("--strength", help="how strongly flicker is removed; 0 is off", show_default="1"),
]
Compare = Annotated[
    Path | None,
    typer.Option(
        "--compare",
        metavar="OUT",
        help="another film: the frames as given beside those as steadied; and say how much flicker went",
    ),
]


def steady(
    context: typer.Context,
    stylized: Stylized,
    source: Source,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", help="the film; by default STYLIZED.steady.mp4 here"),
    ] = None,
    overwrite: options.Overwrite = False,
    compare: Compare = None,
    strength: Strength = None,
    repair: options.Repair = None,
    start: options.Start = None,
    end: options.End = None,
    shots: options.Shots = None,
    rate: options.Rate = None,
    format: options.Format = None,
    audio: options.Audio = None,
    resume: options.Resume = True,
    work_dir: options.WorkDir = None,
    keep: options.Keep = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    no_progress: options.NoProgress = False,
    log_file: options.LogFile = None,
    debug: options.Debug = False,
) -> None:
    """Take the flicker out of finished frames of any tool, along the motion of what they were made from.

    Times and sound are the source's; where that is an image sequence, the finished film's. --start and --end say
    which part of the source was stylized. Frames that pop are rebuilt and listed: see --repair.
    """
    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    given = {name: value for name, value in context.params.items() if name != "strength"}
    settings = settings_from({**given, "steady": strength})
    film = out or Path(bare_name(stylized) + ".steady" + ENDINGS[settings.format or "mp4"])
    for path in (film, compare):
        if path is not None and path.is_file() and not overwrite:  # before the clips are searched for shots
            refuse_existing(path)
    from stylize.jobs.plan_steadying import plan_steadying
    from stylize.pipeline import discard, remove_run
    from stylize.report.comparison import write_comparison
    from stylize.report.steadiness import measure_steadiness

    plan = plan_steadying(stylized, source, film, settings, work_dir=place(work_dir) if work_dir else None)
    plan.check_films(overwrite)
    beside = None if compare is None else _check_compare(plan, compare, overwrite)
    renderer = renderer_for_job(plan, stylized.name, terminal, progress=not no_progress)
    how = RunOptions(resume=resume, overwrite=overwrite, keep=True)
    done = draw(plan, renderer, how, quiet=quiet)
    measured = None
    if beside is not None:
        write_comparison(plan, beside, overwrite)
        measured = measure_steadiness(plan)
    if not keep:
        discard(plan)
        remove_run(plan.run_dir)
    announce(done, terminal)
    if measured is not None and terminal.as_json:
        terminal.emit({"event": "steadiness", **asdict(measured)})
    elif measured is not None and not quiet:
        terminal.result(str(measured))


def _check_compare(job: RenderJob, out: Path, overwrite: bool) -> FilmOutput:
    """The film of the comparison, once it is known that it can be written."""
    from stylize.jobs.films import FORMATS, FilmOutput

    films = {job.film.path, *(each.clip.path for each in job.segments[0].sources.values())}
    if out.absolute() in {film.absolute() for film in films}:
        raise UsageError("--compare names one of the films itself.", where=out, hint="choose another name")
    film = FilmOutput(out, FORMATS.get(out.suffix.lower(), "mp4"), job.film.audio)
    job.check_film(film, overwrite)
    return film
