"""`stylize comp`: a keyed plate before a backdrop, without a style."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import AS_THE_FILM, refuse_existing
from stylize.cli.run import RunOptions, announce, draw, renderer_for_job
from stylize.cli.terminal import Terminal
from stylize.storage.place import place

SceneFile = Annotated[
    Path,
    typer.Argument(metavar="SCENE.toml", help="the key, the camera, the backdrop, the merge, the overlays"),
]
Out = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="OUT", help="the film; by default PLATE.comp.mp4")
]


def comp(
    context: typer.Context,
    clip: options.ClipArgument,
    scene: SceneFile,
    out: Out = None,
    overwrite: options.Overwrite = False,
    format: options.Format = None,
    audio: options.Audio = None,
    start: options.Start = None,
    end: options.End = None,
    shots: options.Shots = None,
    rate: options.Rate = None,
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
    """Key a plate and set it before a backdrop, as a scene file says: see examples/greenscreen.toml.

    Nothing is drawn here: `stylize run PLATE --comp SCENE.toml` draws subject and backdrop in a style.
    """
    from stylize.jobs.plan_comp import plan_comp

    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    film = out or Path(f"{clip.stem}.comp.mp4")
    if film.is_file() and not overwrite:
        refuse_existing(film, AS_THE_FILM)
    settings = settings_from(context.params)
    job = plan_comp(clip, scene, film, settings, work_dir=place(work_dir) if work_dir else None)
    renderer = renderer_for_job(job, clip.name, terminal, progress=not no_progress)
    how = RunOptions(resume=resume, overwrite=overwrite, keep=keep)
    announce(draw(job, renderer, how, quiet=quiet), terminal)
