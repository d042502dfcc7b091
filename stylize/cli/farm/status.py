"""`stylize farm status`: how far a run has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stylize.cli.farm.jobs import RunArgument
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_rate, spell_seconds
from stylize.system.printable import printable

if TYPE_CHECKING:
    from stylize.farm.status import PassStatus, RunStatus
    from stylize.footage.clip import Clip


def status(
    terminal: Terminal,
    run: RunArgument,
) -> None:
    """Say how far a run has come: frames by pass, speed, time left, and the last errors of missing frames.

    It reads the run folder alone, so it works for every scheduler.
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
        frame, what, host = failure.frame + first, _line(failure.what), _line(failure.host)
        terminal.result(f"failed: frame {frame} of {failure.step}: {what} ({host})")
        if failure.hint:
            terminal.result(f"        {_line(failure.hint)}")


def _remark(each: PassStatus) -> str:
    if each.done == each.frames:
        return "complete"
    if each.quiet_s is None:
        return "not begun"
    return f"last frame {spell_seconds(each.quiet_s)} ago" if each.rate is None else ""


def _line(text: str) -> str:
    """Text of a run folder's files on one line."""
    return printable(text, lines=False)
