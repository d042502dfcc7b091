"""`stylize comp`: a keyed plate before a backdrop, without a style."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize import footage
from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import AS_THE_FILM, refuse_existing
from stylize.cli.progress import choose_renderer
from stylize.cli.stopping import Stopping
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
    work_dir: options.WorkDir = None,
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
    from stylize.comp.direct import comp_film
    from stylize.comp.plan import camera_cache
    from stylize.comp.scene import read_scene
    from stylize.jobs.plan import FORMATS, identity_of, shots_of, span_of

    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    film = out or Path(f"{clip.stem}.comp.mp4")
    if film.is_file() and not overwrite:
        refuse_existing(film, AS_THE_FILM)
    words = {"start": start, "end": end, "rate": rate, "shots": shots, "format": format, "audio": audio}
    settings = settings_from(words)
    said = read_scene(scene)
    plate = footage.probe(clip, rate=footage.parse_rate(settings.rate))
    found = shots_of(plate, span_of(plate, settings), settings.shots)
    count = found[-1].end - found[0].start
    renderer = choose_renderer(terminal, clip.name, [("comp", count, 0)], progress=not no_progress)
    with Stopping(quiet=quiet) as stopping, renderer:
        comp_film(
            plate,
            found,
            said,
            film,
            settings.format or FORMATS.get(film.suffix.lower(), "mp4"),
            source=identity_of(plate),
            cache=camera_cache(place(work_dir) if work_dir else film.with_name(f"{film.name}.stylize")),
            audio=settings.audio,
            overwrite=overwrite,
            listen=renderer,
            stop=stopping.asked,
        )
    if terminal.as_json:
        terminal.emit({"event": "film", "path": str(film), "frames": count})
    elif not quiet:
        terminal.result(f"{film}: {count} frames")
