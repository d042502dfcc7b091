"""`stylize keyframes`: which frames of a clip are worth painting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize import footage
from stylize.cli.command import Commands
from stylize.cli.overwriting import refuse_existing
from stylize.cli.run_options import ClipArgument, Overwrite, settings_options
from stylize.cli.terminal import Terminal
from stylize.config.settings import RunSettings
from stylize.jobs.naming import bare_name


def suggest(
    terminal: Terminal,
    *,
    clip: ClipArgument,
    count: Annotated[int, typer.Option("-n", "--number", min=1, metavar="N", help="how many frames")] = 3,
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            metavar="DIR",
            help="write the plates of these frames there, as PNG, to paint over",
        ),
    ] = None,
    settings: Annotated[RunSettings, settings_options("keyframes", "start", "end", "shots", "rate")],
    overwrite: Overwrite = False,
) -> None:
    """Say which frames of a clip are worth painting: those whose painting shows most of its shots.

    With --keyframes, which further ones would help most beside the keys that are there; then a picture beside each
    plate marks in red what those keys do not show of it.
    """
    from stylize.footage.keyframes.files import find_keys
    from stylize.footage.keyframes.suggest import mark_open, suggest_keys
    from stylize.jobs.analysis import shots_of, span_of
    from stylize.storage.pictures import write_picture

    plate = footage.probe(clip, rate=footage.parse_rate(settings.rate))
    shots = shots_of(plate, span_of(plate, settings), settings.shots)
    painted = find_keys(settings.keyframes, plate) if settings.keyframes else {}
    given = [at for at in painted if any(at in shot for shot in shots)]
    found = suggest_keys(plate, shots, count, given)
    frames = footage.pick_frames(plate, sorted(each.frame for each in found))
    pictures = {frame.index: frame.pixels for frame in frames} if out is not None else {}
    files: list[str] = []
    for each in found:
        if out is None:
            continue
        path = out / f"{bare_name(clip)}.{each.frame:06d}.png"
        blind = out / "blind" / f"{bare_name(clip)}.{each.frame:06d}.jpg"
        if not overwrite:
            refuse_existing(path)
        write_picture(pictures[each.frame], path)
        if given:
            write_picture(mark_open(pictures[each.frame], each.blind), blind)
        files.append(str(path))
    record = {
        "clip": str(clip),
        "keys": given,
        "suggested": [{"frame": each.frame, "shows": round(each.shows, 4)} for each in found],
        "files": files,
    }
    lines = [
        f"frame {each.frame} ({footage.format_time(each.frame, plate)}): with it {each.shows:.0%} is shown"
        for each in found
    ]
    terminal.answer(record, "\n".join(lines + [f"{out}: {len(files)} plates to paint over"] * bool(files)))


app = Commands("Painted frames that a shot follows: which are worth painting.")
app.add("suggest", suggest)
