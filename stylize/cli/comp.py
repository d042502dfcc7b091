"""`stylize comp`: a keyed plate merged with a backdrop, without a style."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize import footage
from stylize.cli.overwriting import AS_THE_FILM, refuse_existing
from stylize.cli.progress import choose_renderer
from stylize.cli.run_options import OUTPUT, ClipArgument, Overwrite, run_option, settings_options
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.config.settings import RunSettings
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
    overwrite: Overwrite = False,
    work_dir: Annotated[
        str | None,
        run_option("--work-dir", help="where solved cameras are kept: a folder or a URL", metavar="DIR"),
    ] = None,
) -> None:
    """Key a plate and merge it with a backdrop, as a scene file says: see examples/greenscreen.toml.

    Nothing is drawn here: `stylize run PLATE --comp SCENE.toml` draws subject and backdrop in a style.
    """
    from stylize.comp.direct import comp_film
    from stylize.comp.plan import camera_cache
    from stylize.comp.scene import read_scene
    from stylize.jobs.plan import FORMATS, identity_of, shots_of, span_of

    film = out or Path(f"{clip.stem}.comp.mp4")
    if film.is_file() and not overwrite:
        refuse_existing(film, AS_THE_FILM)
    said = read_scene(scene)
    plate = footage.probe(clip, rate=footage.parse_rate(settings.rate))
    found = shots_of(plate, span_of(plate, settings), settings.shots)
    count = found[-1].end - found[0].start
    renderer = choose_renderer(terminal, clip.name, [("comp", count, 0)])
    with Stopping(quiet=terminal.quiet) as stopping, renderer:
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
    terminal.answer({"event": "film", "path": str(film), "frames": count}, f"{film}: {count} frames")
