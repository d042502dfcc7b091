"""`stylize farm status` and `stylize farm retry`: seeing a run, and mending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.farm.jobs import RunArgument
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_rate, spell_seconds
from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.farm.status import PassStatus, RunStatus
    from stylize.footage.clip import Clip


def status(
    terminal: Terminal,
    run: RunArgument,
) -> None:
    """Say how far a run has come: frames by pass, speed, time left, and the last words of what failed.

    It reads the run folder alone, so it does not matter who works on it.
    """
    from stylize.cli.as_json import as_json
    from stylize.farm.status import read_status
    from stylize.jobs.manifest import load_job
    from stylize.storage.place import place

    job = load_job(place(run), to_look=True)
    found = read_status(job)
    if terminal.as_json:
        terminal.emit(as_json(found))
        return
    _show(found, job.clip, terminal)


def _show(found: RunStatus, clip: Clip, terminal: Terminal) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("pass", "frames", "done", "speed", "left", ""):
        table.add_column(name, justify="left" if name in ("pass", "") else "right", no_wrap=True)
    for each in found.passes:
        left = spell_seconds(each.left_s) if each.left_s else ""
        table.add_row(each.name, str(each.frames), str(each.done), spell_rate(each.rate), left, _remark(each))
    terminal.table(table)
    terminal.result(f"film: {found.film}" + ("" if found.is_done else " (not made yet)"))
    first = clip.first_number or 0
    for failure in found.failures:
        terminal.result(
            f"failed: frame {failure.frame + first} of {failure.step}: {failure.what} ({failure.host})"
        )
        if failure.hint:
            terminal.result(f"        {failure.hint}")


def _remark(each: PassStatus) -> str:
    if each.done == each.frames:
        return "complete"
    if each.quiet_s is None:
        return "not begun"
    return f"last frame {spell_seconds(each.quiet_s)} ago" if each.rate is None else ""


def retry(
    terminal: Terminal,
    run: RunArgument,
    frames: Annotated[str, typer.Option("--frames", metavar="FRAMES", help="1001-1020, 1-100x8, or all")],
    step: Annotated[
        str | None,
        typer.Option("--pass", metavar="PASS", help="the first pass to repeat; else all"),
    ] = None,
) -> None:
    """Take frames back, with everything made from them, so that whoever works on the run makes them again."""
    from stylize.farm.again import take_back
    from stylize.jobs.frame_ranges import parse_frames, spell_frames
    from stylize.jobs.job import pass_names
    from stylize.jobs.manifest import load_job
    from stylize.storage.place import place

    job = load_job(place(run), to_look=True)
    names = pass_names(job)
    if step is not None and step not in names:
        raise UsageError(f"This run has no pass {step!r}.", hint=f"its passes are {', '.join(names)}")
    removed = take_back(job, step or names[0], parse_frames(frames, job.clip, job.span))
    if terminal.as_json:
        terminal.emit({"event": "retry", "removed": removed})
    elif not terminal.quiet:
        for name, numbers in removed.items():
            terminal.result(f"{name}: {spell_frames(numbers, job.clip)}")
        terminal.say(
            f"to make them again: stylize farm run {run}, or the command or the farm that began it"
            if removed
            else "none of these frames was there: they are due already"
        )
