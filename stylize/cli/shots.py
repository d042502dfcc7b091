"""`stylize shots`: where a clip cuts, as a list that a person can edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize import footage
from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.outputs import refuse_existing
from stylize.cli.terminal import Terminal

if TYPE_CHECKING:
    from stylize.footage.clip import Clip, Shot

Out = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="write the list as CSV, for --shots")
]
Overwrite = Annotated[bool, typer.Option("-y", "--overwrite", help="replace the file")]


def shots(
    context: typer.Context,
    clip: options.ClipArgument,
    out: Out = None,
    overwrite: Overwrite = False,
    start: options.Start = None,
    end: options.End = None,
    rate: options.Rate = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    log_file: options.LogFile = None,
    debug: options.Debug = False,
) -> None:
    """Find the shots of a clip; with -o, write them as a list to edit and to give to run --shots."""
    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet, verbose=verbose, log_file=log_file)
    if out is not None and not overwrite:
        refuse_existing(out)
    settings = settings_from({"start": start, "end": end, "rate": rate})
    plate = footage.probe(clip, rate=footage.parse_rate(settings.rate))
    first = footage.parse_time(settings.start, plate) if settings.start else 0
    last = footage.parse_time(settings.end, plate) if settings.end else plate.frame_count
    found = footage.find_shots(plate, start=first, end=last)
    if out is not None:
        footage.write_shots(out, found, plate, overwrite=overwrite)
    if terminal.as_json:
        terminal.emit({"clip": str(clip), "out": str(out) if out else None, "shots": rows(found, plate)})
    elif out is not None:
        if not quiet:
            terminal.result(f"{out}: {len(found)} shots")
    else:
        _show(found, plate, terminal)


def rows(found: list[Shot], clip: Clip) -> list[dict[str, Any]]:
    """The shots as the CSV's columns say them."""
    return [
        {
            "shot": number,
            "start": shot.start,
            "end": shot.end,
            "start_time": footage.format_time(shot.start, clip),
            "end_time": footage.format_time(shot.end, clip),
        }
        for number, shot in enumerate(found, start=1)
    ]


def _show(found: list[Shot], clip: Clip, terminal: Terminal) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("shot", "start", "end", "frames", "from", "to"):
        table.add_column(name, justify="right", no_wrap=True)
    for row, shot in zip(rows(found, clip), found, strict=True):
        cells = (row["shot"], row["start"], row["end"], len(shot), row["start_time"], row["end_time"])
        table.add_row(*(str(cell) for cell in cells))
    terminal.table(table)
