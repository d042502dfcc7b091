"""`stylize compare`: films of the same moments beside each other, and their measures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from stylize import footage
from stylize.cli.overwriting import AS_THE_FILM, refuse_existing
from stylize.cli.progress import choose_renderer
from stylize.cli.run_options import Overwrite
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal


def compare(
    terminal: Terminal,
    *,
    films: Annotated[
        list[Path],
        typer.Argument(metavar="A B [C]", help="two or three films, or image sequences, of one length"),
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", metavar="PLATE", help="what they were made from: shown first, its motion is followed"
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="OUT", help="a film (.mp4, .mov), or a page with a wipe (.html)"
        ),
    ] = Path("compare.html"),
    layout: Annotated[
        Literal["side", "wipe"],
        typer.Option("--as", help="of a film: side by side, or a line that moves over"),
    ] = "side",
    overwrite: Overwrite = False,
) -> None:
    """Compare films of the same moments, whoever made them: beside each other, and how much each flickers."""
    from stylize.report.compare import NAME, compare_films, words_of

    if not overwrite:
        refuse_existing(out, AS_THE_FILM)
    count = footage.probe(films[0]).frame_count
    renderer = choose_renderer(terminal, out.name, [(NAME, count, 0)])
    with Stopping(quiet=terminal.quiet) as stopping, renderer:
        found = compare_films(
            films,
            out,
            source=source,
            layout=layout,
            overwrite=overwrite,
            listener=renderer,
            stop=stopping.asked,
        )
    if terminal.as_json:
        record = asdict(found)
        for film in record["films"]:
            film["psnr"] = None if film["psnr"] == float("inf") else film["psnr"]
        terminal.emit({"event": "comparison", "path": str(out), **record})
        return
    terminal.answer({}, str(out))
    if not terminal.quiet:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False)
        for name in ("film", f"flicker along {found.guide}", "sharpness", "PSNR"):
            table.add_column(Text(name))
        for each in found.films:
            table.add_row(*map(Text, (each.name, *words_of(each))))
        terminal.table(table)
