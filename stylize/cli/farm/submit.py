"""`stylize farm submit`: jobs for a Ray cluster that this machine is not part of."""

from __future__ import annotations

from typing import Annotated

import typer

from stylize.cli.farm.jobs import JobArgument
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.errors import StylizeError


def submit(
    terminal: Terminal,
    job: JobArgument,
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="the cluster's job service: http://HOST:8265")
    ],
    flags: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- FLAGS]", help="of `farm run` there", show_default=False),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="until it is done; the exit code is the job's")
    ] = False,
) -> None:
    """Start `stylize farm run JOB` on a Ray cluster's head, which must see JOB under the same path.

    The job goes on when this machine is switched off; `stylize farm status` sees it from the run folder.
    """
    from stylize.farm import submit as service

    number = service.submit(address, [job, *(flags or [])])
    if terminal.as_json:
        terminal.emit({"event": "submitted", "job": number})
    elif not terminal.quiet:
        terminal.result(number)
    if not wait:
        return
    with Stopping(quiet=terminal.quiet) as stopping:
        code = service.wait(address, number, stopping.asked)
    lines = service.log_tail(address, number)
    if code:
        raise StylizeError("The job failed there. " + " ".join(lines[-3:]), where=number)
    if not terminal.quiet and not terminal.as_json:
        terminal.result("\n".join(lines))
