"""`stylize farm run`: jobs on a Ray cluster, driven from here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.farm.jobs import Device, JobArgument, Overwrite, WorkDir, take_up
from stylize.cli.outcomes import Outcome, close
from stylize.cli.progress import choose_renderer
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_seconds
from stylize.errors import StylizeError, UsageError

if TYPE_CHECKING:
    from stylize.farm.driver import Result, Settings
    from stylize.jobs.job import Job

Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="a running cluster's head, or auto; by default a cluster on this machine alone, while it runs",
    ),
]
Resources = Annotated[
    list[str] | None,
    typer.Option(
        "--resource",
        metavar="NAME=AMOUNT",
        help="what each worker takes of something that the cluster has so many of, such as licences (repeatable)",
    ),
]


def run(
    terminal: Terminal,
    job: JobArgument,
    address: Address = None,
    workers: Annotated[int, typer.Option(min=1, help="as many as the cluster has room for, up to this")] = 1,
    cpus: Annotated[int, typer.Option(min=1, help="that a worker takes, and threads it uses")] = 1,
    gpus: Annotated[
        float | None,
        typer.Option(min=0, help="that a worker takes; 0.5 puts two on a GPU"),
    ] = None,
    resource: Resources = None,
    chunk: Annotated[int, typer.Option(min=1, help="frames a task makes")] = 16,
    tries: Annotated[int, typer.Option(min=1, help="of a frame, before it is left out")] = 3,
    lease: Annotated[
        float, typer.Option(min=1, help="seconds of silence after which a worker is given up")
    ] = 600.0,
    device: Device = None,
    work_dir: WorkDir = None,
    overwrite: Overwrite = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep the frames of every pass when the film is done")
    ] = False,
) -> None:
    """Make the films of a list of jobs, or of a run folder, with the workers of a Ray cluster.

    Frames are kept as they are made: whatever dies, the same command goes on with what is missing. A frame that
    fails again and again is left out and named; everything that is not made from it is finished.
    """
    from stylize.farm.board import Rules
    from stylize.farm.cluster import Share
    from stylize.farm.driver import Settings

    jobs = take_up(job, overwrite, work_dir, device, remote=address is not None)
    share = Share(cpus, _gpus(jobs) if gpus is None else gpus, _resources(resource or []))
    settings = Settings(address, workers, share, chunk, Rules(tries=tries, lease_s=lease))
    began = time.perf_counter()
    results = _drive(jobs, settings, terminal)
    outcomes = [
        _outcome(name, planned, result) for (name, planned), result in zip(jobs, results, strict=True)
    ]
    if not keep:
        _tidy(jobs, results)
    if not terminal.as_json and not terminal.quiet:
        terminal.say(f"in {spell_seconds(time.perf_counter() - began)}")
    for outcome in outcomes:
        if terminal.as_json:
            terminal.emit(outcome.record)
    close(outcomes, terminal)


def _drive(jobs: list[tuple[str, Job]], settings: Settings, terminal: Terminal) -> list[Result]:
    from stylize.farm.driver import drive
    from stylize.farm.loading import load_run
    from stylize.jobs.job import missing, owed, pass_names

    several = len(jobs) > 1
    passes = [
        (f"{job.out.name} {name}" if several else name, n := owed(job, name), n - len(missing(job, name)))
        for _, job in jobs
        for name in pass_names(job)
    ]
    renderer = choose_renderer(terminal, "all jobs" if several else jobs[0][0], passes)
    runs = [str(job.run_dir.absolute()) for _, job in jobs]
    with Stopping(quiet=terminal.quiet) as stopping, renderer:
        return drive(runs, load_run, settings, renderer, stopping.asked)


def _outcome(name: str, job: Job, result: Result) -> Outcome:
    if result.done:
        return Outcome(name, "done", str(job.out), len(job.span))
    first = job.clip.first_number or 0
    words = [
        f"frame {frame + first} of {step}: {why}" for (step, frame), why in sorted(result.poison.items())
    ]
    what = "; ".join([result.reason] if result.reason else words[:4])
    more = f" and {len(words) - 4} more" if len(words) > 4 and not result.reason else ""
    error = StylizeError(
        f"The film lacks {result.missing} frames of its passes. {what}{more}",
        hint="mend the cause and give the same command: only what is missing is made",
    )
    return Outcome(name, "failed", str(job.out), error=error)


def _tidy(jobs: list[tuple[str, Job]], results: list[Result]) -> None:
    """Removes the frames of films that are whole; the run's record and the film's receipt stay."""
    from stylize.jobs.manifest.names import FAILURES
    from stylize.pipeline import discard
    from stylize.storage.place import remove_tree

    for (_, job), result in zip(jobs, results, strict=True):
        if result.done:
            discard(job)
            remove_tree(job.run_dir / FAILURES)


def _gpus(jobs: list[tuple[str, Job]]) -> float:
    """One where any job draws on a GPU of the kind that Ray counts."""
    looks = [getattr(part, "look", None) for _, job in jobs for part in job.parts]
    return 1.0 if any(config is not None and config.device.startswith("cuda") for config in looks) else 0.0


def _resources(words: list[str]) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for word in words:
        name, _, amount = word.partition("=")
        try:
            amounts[name] = float(amount)
        except ValueError as error:
            raise UsageError(
                f"--resource {word!r} has no amount.", hint="write --resource licence=1"
            ) from error
    return amounts
