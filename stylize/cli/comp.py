"""`stylize comp`: a keyed plate merged with a backdrop, without a style."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.drawing import announce, draw, renderer_for
from stylize.cli.overwriting import refuse_existing_film
from stylize.cli.run_options import OUTPUT, ClipArgument, RunOptions, settings_options
from stylize.cli.terminal import Terminal
from stylize.config.settings import RunSettings
from stylize.footage.outputs import refuse_folder
from stylize.jobs.naming import bare_name, ending
from stylize.storage.place import place


def comp(
    terminal: Terminal,
    *,
    clip: ClipArgument,
    scene: Annotated[
        Path,
        typer.Argument(
            metavar="SCENE.toml", help="the key, the camera, the backdrop, the merge, the overlays"
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            metavar="OUT",
            help="the film; by default PLATE.comp.mp4",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    settings: Annotated[RunSettings, settings_options("format", "audio", "start", "end", "shots", "rate")],
    how: RunOptions,
) -> None:
    """Key a plate and merge it with a backdrop, as a scene file says: see examples/greenscreen.toml.

    Nothing is drawn here: `stylize run PLATE --comp SCENE.toml` draws subject and backdrop in a style.
    """
    from stylize.jobs.consent import wrote_films
    from stylize.jobs.plan_comp import plan_comp

    film = out or Path(f"{bare_name(clip)}.comp{ending(clip, settings)}")
    refuse_folder(film)  # before the plate is searched for its shots, and its cameras are solved
    if not how.overwrite:
        refuse_existing_film(film, how.work_dir)
    job = plan_comp(clip, scene, film, settings, work_dir=place(how.work_dir) if how.work_dir else None)
    job.check_films(how.overwrite or wrote_films(job))
    renderer = renderer_for(job, clip.name, terminal, how)
    announce(draw(job, renderer, how, quiet=terminal.quiet, words=terminal.words), terminal)
