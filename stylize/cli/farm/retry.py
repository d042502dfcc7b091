"""`stylize farm retry`: frames that shall be made again."""

from __future__ import annotations

from typing import Annotated

import typer

from stylize.cli.farm.jobs import RunArgument
from stylize.cli.terminal import Terminal
from stylize.errors import UsageError


def retry(
    terminal: Terminal,
    run: RunArgument,
    frames: Annotated[str, typer.Option("--frames", metavar="FRAMES", help="1001-1020, 1-100x8, or all")],
    step: Annotated[
        str | None,
        typer.Option("--pass", metavar="PASS", help="the first pass to repeat; else all"),
    ] = None,
) -> None:
    """Remove frames from a run, with everything made from them, so that its workers make them again."""
    from stylize.farm.retry import remove_frames
    from stylize.jobs.frame_ranges import parse_frames, spell_frames
    from stylize.jobs.manifest import load_job
    from stylize.storage.place import place

    job = load_job(place(run), to_look=True)
    names = job.pass_names
    if step is not None and step not in names:
        raise UsageError(f"This run has no pass {step!r}.", hint=f"its passes are {', '.join(names)}")
    removed = remove_frames(job, step or names[0], parse_frames(frames, job.clip, job.span))
    if terminal.as_json:
        terminal.emit({"event": "retry", "removed": removed})
    elif not terminal.quiet:
        for name, numbers in removed.items():
            terminal.result(f"{name}: {spell_frames(numbers, job.clip)}")
        terminal.say(
            f"to make them again: stylize farm run {run}, or the command or the farm that began it"
            if removed
            else "none of these frames is in the run folder: they will be made anyway"
        )
