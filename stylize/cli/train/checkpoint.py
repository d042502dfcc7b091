"""`stylize train checkpoint`: the checkpoint of a base training as far as it has come."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import training_packages


def checkpoint(
    terminal: Terminal,
    training: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="of `stylize train base`, running or not")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="for the checkpoint")],
) -> None:
    """Write the checkpoint of a base training as far as it has come; the training itself may go on."""
    with training_packages():
        from training.base.export import export_training
    step, size = export_training(training, out)
    terminal.answer(
        {"event": "exported", "folder": str(out), "bytes": size, "step": step},
        f"{out}: {size / 1e6:.1f} MB of weights after {step} steps",
    )
