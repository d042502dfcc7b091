"""`stylize shots`: where a clip cuts, as a list that a person can edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize import footage
from stylize.cli.overwriting import refuse_existing
from stylize.cli.run_options import ClipArgument, settings_options
from stylize.cli.terminal import Terminal
from stylize.config.settings import RunSettings

if TYPE_CHECKING:
    from stylize.footage.clip import Clip, Shot


def shots(
    terminal: Terminal,
    *,
    clip: ClipArgument,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="write the list as CSV, for --shots"),
    ] = None,
    settings: Annotated[RunSettings, settings_options("start", "end", "rate")],
    overwrite: Annotated[
        bool, typer.Option("-y", "--overwrite", help="replace the file if it exists")
    ] = False,
) -> None:
    """Find the shots of a clip; with -o, write them as a list to edit and to give to run --shots."""
    if out is not None and not overwrite:
        refuse_existing(out)
    plate = footage.probe(clip, rate=footage.parse_rate(settings.rate))
    first = footage.parse_time(settings.start, plate) if settings.start else 0
    last = footage.parse_time(settings.end, plate) if settings.end else plate.frame_count
    found = footage.find_shots(plate, start=first, end=last)
    if out is not None:
        footage.write_shots(out, found, plate, overwrite=overwrite)
    if out is not None or terminal.as_json:
        record = {"clip": str(clip), "out": str(out) if out else None, "shots": rows(found, plate)}
        terminal.answer(record, f"{out}: {len(found)} shots")
    else:
        _show(found, plate, terminal)


def rows(found: list[Shot], clip: Clip) -> list[dict[str, Any]]:
    """The shots as in the columns of the CSV."""
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
