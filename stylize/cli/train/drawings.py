"""`stylize train drawings`: the pictures that the bundled styles are trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import progress_bar, training_packages


def drawings(
    terminal: Terminal,
    style: Annotated[str, typer.Argument(metavar="STYLE", help="a bundled style's name")],
    out: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="where the drawings go; what is there is replaced")
    ],
    count: Annotated[int, typer.Option(min=1, help="drawings in all")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="other seeds draw other scenes")] = 0,
    sources: Annotated[bool, typer.Option(help="also what each was drawn from, as NAME.source.png")] = True,
) -> None:
    """Draw the pictures that a bundled style is trained on."""
    with training_packages():
        from training.styles import write_drawings
    with progress_bar(terminal, "drawing", count) as show:
        write_drawings(style, out, count, seed, sources, show)
    terminal.answer({"event": "drawings", "folder": str(out), "count": count}, f"{out}: {count} drawings")
