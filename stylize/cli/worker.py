"""`stylize worker`: these frames of this pass, from a run folder. What every scheduler calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.errors import Interrupted, StylizeError, UsageError
from stylize.system.printable import printable

if TYPE_CHECKING:
    from stylize.jobs.job import RenderJob

ENCODE = "encode"

RunFolder = Annotated[
    str,
    typer.Argument(metavar="RUN", help="the run folder, or its URL in object storage", show_default=False),
]
Frames = Annotated[
    str, typer.Argument(metavar="FRAMES", help="1001-1020, 1-100x8, 3,7,12-20 or all", show_default=False)
]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="FROM=TO", help="a folder that lies elsewhere on this machine (repeatable)"
    ),
]
RulesFile = Annotated[
    Path | None,
    typer.Option(
        "--path-mapping-rules", metavar="FILE", help="such folders as Open Job Description has them"
    ),
]
Expect = Annotated[
    str | None,
    typer.Option("--expect", metavar="PRINT", help="refuse a run folder that holds another job by now"),
]
Replace = Annotated[
    bool, typer.Option("-y", "--overwrite", help="replace the film if it exists", show_default=False)
]
AsOpenjd = Annotated[
    bool,
    typer.Option("--openjd", help="say progress and failures in the lines that Open Job Description reads"),
]


def worker(
    terminal: Terminal,
    step: Annotated[
        str, typer.Argument(metavar="PASS", help="style, steady, ... or encode", show_default=False)
    ],
    frames: Frames,
    run: RunFolder,
    map: Maps = None,
    path_mapping_rules: RulesFile = None,
    expect: Expect = None,
    openjd: AsOpenjd = False,
    overwrite: Replace = False,
) -> None:
    """Make frames of one pass of a planned run, and keep each as it is made.

    Frames that lie in the run folder already are left alone, so a task may be given again at any time. The pass
    `encode` makes the film once all its frames are there.
    """
    from stylize.jobs.consent import write_consent
    from stylize.jobs.manifest import load_job
    from stylize.jobs.path_map import parse_rules
    from stylize.storage.place import place

    report = _OpenjdReport(terminal) if openjd else _Report(terminal)
    try:
        job = load_job(place(run), parse_rules(map or [], path_mapping_rules), expect)
        with Stopping(quiet=terminal.quiet) as stopping:
            if step == ENCODE:
                if overwrite:
                    write_consent(job)
                _encode(job, stopping, report)
            else:
                _make(job, step, frames, stopping, report)
    except StylizeError as error:
        report.failed(error)
        raise


def _make(job: RenderJob, name: str, frames: str, stopping: Stopping, report: _Report) -> None:
    from stylize.farm.failures import recorded_failure
    from stylize.farm.job_access import passes_of
    from stylize.jobs.frame_ranges import parse_frames
    from stylize.passes.runner import make

    numbers, known = parse_frames(frames, job.clip, job.span), job.pass_names
    if name not in known:
        raise UsageError(
            f"This run has no pass {name!r}.", hint=f"its passes are {', '.join(known)}, {ENCODE}"
        )
    asked, passes = set(numbers), passes_of(job, name)
    total = sum(len(asked.intersection(each.frames)) for each in passes)
    done = total - sum(len(each.missing(asked)) for each in passes)
    report.begun(name, total, done)
    for each in passes:
        with recorded_failure(each, asked):
            for _ in make(each.segment, each.step, asked):
                done += 1
                report.progress(name, done, total)
                if stopping.asked():
                    raise Interrupted("Stopped.", hint="give the same task again: it goes on from here")
        each.step.close()


def _encode(job: RenderJob, stopping: Stopping, report: _Report) -> None:
    from stylize.events import Event, FrameDone
    from stylize.pipeline import finish

    total, done = len(job.span), 0
    report.begun(ENCODE, total, 0)

    def listen(event: Event) -> None:
        nonlocal done
        if isinstance(event, FrameDone):
            done += 1
            report.progress(ENCODE, done, total)

    finish(job, listen, stopping.asked)


class _Report:
    """What a task says: for a person, a line at its beginning and at its end."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def begun(self, name: str, total: int, done: int) -> None:
        if not self.terminal.quiet:
            self.terminal.say(f"{name}: {total} frames" + (f", {done} done already" if done else ""))

    def progress(self, name: str, done: int, total: int) -> None:
        if self.terminal.as_json:
            self.terminal.emit({"event": "progress", "name": name, "done": done, "total": total})
        elif done == total and not self.terminal.quiet:
            self.terminal.say(f"{name}: done")

    def failed(self, error: StylizeError) -> None:
        pass


class _OpenjdReport(_Report):
    """The lines on stdout by which an Open Job Description session follows its task."""

    def begun(self, name: str, total: int, done: int) -> None:
        self.terminal.result(
            f"openjd_status: {printable(name, lines=False)}: {done} of {total} frames done already"
        )

    def progress(self, name: str, done: int, total: int) -> None:
        self.terminal.result(f"openjd_progress: {100 * done / total:.1f}")

    def failed(self, error: StylizeError) -> None:
        self.terminal.result(f"openjd_fail: {printable(str(error), lines=False)}")
