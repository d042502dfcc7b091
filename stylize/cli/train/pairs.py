"""`stylize train pairs`: pairs of photograph and drawing, to train the bundled checkpoint on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.command import Commands
from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import progress_bar
from stylize.errors import UsageError

Processes = Annotated[int, typer.Option(min=1, help="pairs made at once")]
Out = Annotated[Path, typer.Argument(metavar="FOLDER", help="where the pairs go; what is there is kept")]


def rendered(
    terminal: Terminal,
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="pairs in all")] = 6000,
    size: Annotated[int, typer.Option(min=64, max=512, help="side of the pictures, px, even")] = 192,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    processes: Processes = 1,
) -> None:
    """Render scenes twice: as a photograph and as a drawing."""
    from training.base.rendered_pairs import write_rendered_pairs

    if size % 2:
        raise UsageError(f"The size must be even, not {size}.")
    with progress_bar(terminal, "rendering", count) as show:
        write_rendered_pairs(out, count, size, seed, processes, show)
    terminal.answer({"event": "pairs", "folder": str(out), "count": count}, f"{out}: {count} pairs")


def real(
    terminal: Terminal,
    out: Out,
    clips: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="a folder of clips to take frames from")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="a folder of photographs")
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="a clip to keep for testing, by its name without .mp4"),
    ] = None,
    processes: Processes = 1,
) -> None:
    """Draw real frames by the slow classical renderer: scikit-image's photographs, your own, and your clips."""
    from itertools import chain

    from training.base.real_pairs import film_frames, photographs, pictures_in, write_real_pairs

    sources = [photographs()]
    if pictures is not None:
        sources.append(pictures_in(pictures))
    if clips is not None:
        sources.append(film_frames(clips, frozenset(leave_out or ())))
    with progress_bar(terminal, "drawing", None) as show:
        count = write_real_pairs(chain(*sources), out, processes=processes, on_written=show)
    terminal.answer({"event": "pairs", "folder": str(out), "count": count}, f"{out}: {count} pairs")


app = Commands("Prepare pairs of photograph and drawing to train on.")
app.add("rendered", rendered)
app.add("real", real)
