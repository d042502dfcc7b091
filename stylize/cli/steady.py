"""`stylize steady`: takes the flicker out of finished frames, whoever drew them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.drawing import announce, draw, renderer_for
from stylize.cli.model_options import Spelling
from stylize.cli.overwriting import TO_REPLACE, refuse_existing, refuse_existing_film
from stylize.cli.run_options import OUTPUT, RunOptions, settings_options
from stylize.cli.terminal import Terminal
from stylize.config.settings import RunSettings
from stylize.footage.outputs import refuse_folder
from stylize.jobs.naming import ENDINGS, bare_name
from stylize.storage.place import place

if TYPE_CHECKING:
    from stylize.jobs.films import FilmOutput
    from stylize.jobs.job import RenderJob

SETTINGS = settings_options(
    *("deflicker", "repair", "keys", "start", "end", "shots", "rate", "format", "audio"),
    spellings={"deflicker": Spelling(old=("--strength",))},
)


def steady(
    terminal: Terminal,
    *,
    stylized: Annotated[
        Path,
        typer.Argument(
            metavar="STYLIZED", help="the finished frames: a film file, or an image sequence: out.%06d.png"
        ),
    ],
    source: Annotated[
        Path,
        typer.Option(
            "--source",
            metavar="PLATE",
            help="what they were made from, frame for frame: a film file or an image sequence",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            metavar="OUT",
            help="the film; by default STYLIZED.steady.mp4 here",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            metavar="OUT",
            help="another film: the frames before and after, side by side; and measure the flicker",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    settings: Annotated[RunSettings, SETTINGS],
    how: RunOptions,
) -> None:
    """Take the flicker out of finished frames of any tool, along the motion of what they were made from.

    Times and sound are the source's; where that is an image sequence, the finished film's. --start and --end say
    which part of the source was stylized. Frames that differ from their neighbours are rebuilt and listed: see
    --repair.
    """
    film = out or Path(bare_name(stylized) + ".steady" + ENDINGS[settings.format or "mp4"])
    for path in (film, compare):  # before the clips are searched for shots
        if path is not None:
            refuse_folder(path)
    if not how.overwrite:
        refuse_existing_film(film, how.work_dir, TO_REPLACE)
        if compare is not None and compare.is_file():
            refuse_existing(compare)
    from stylize.jobs.consent import wrote_films
    from stylize.jobs.plan_steadying import plan_steadying
    from stylize.pipeline import discard, remove_run
    from stylize.report.comparison import write_comparison
    from stylize.report.steadiness import measure_steadiness

    work_dir = place(how.work_dir) if how.work_dir else None
    plan = plan_steadying(stylized, source, film, settings, work_dir=work_dir)
    plan.check_films(how.overwrite or wrote_films(plan))
    beside = None if compare is None else _check_compare(plan, compare, how.overwrite)
    renderer = renderer_for(plan, stylized.name, terminal, how)
    done = draw(plan, renderer, replace(how, keep=True), quiet=terminal.quiet, words=terminal.words)
    measured = None
    if beside is not None:
        write_comparison(plan, beside, how.overwrite)
        measured = measure_steadiness(plan)
    if not how.keep:
        discard(plan)
        remove_run(plan.run_dir)
    announce(done, terminal)
    if measured is not None:
        terminal.answer({"event": "steadiness", **asdict(measured)}, str(measured))


def _check_compare(job: RenderJob, out: Path, overwrite: bool) -> FilmOutput:
    """The film of the comparison, once it is known that it can be written."""
    from stylize.jobs.films import FORMATS, FilmOutput

    job.check_output(out)
    film = FilmOutput(out, FORMATS.get(out.suffix.lower(), "mp4"), job.film.audio)
    job.check_film(film, overwrite)
    return film
