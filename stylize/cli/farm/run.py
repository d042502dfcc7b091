"""`stylize farm run`: jobs on a Ray cluster, driven from here."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.farm.jobs import Device, JobArgument, Overwrite, WorkDir, load_jobs
from stylize.cli.outcomes import Outcome, close
from stylize.cli.progress import choose_renderer
from stylize.cli.stopping import Stopping
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_seconds
from stylize.errors import StylizeError, UsageError

if TYPE_CHECKING:
    from stylize.farm.driver import DriveSettings, JobResult
    from stylize.jobs.job import RenderJob
    from stylize.report.pass_times import PassTimes

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
        help="what each worker takes of a resource that the cluster counts, such as licence=1 (repeatable)",
    ),
]

NAMED_FRAMES = 4
"""How many of the frames that failed are named in the summary."""


def run(
    terminal: Terminal,
    job: JobArgument,
    address: Address = None,
    workers: Annotated[int, typer.Option(min=1, help="how many, as far as the cluster has room")] = 1,
    cpus: Annotated[
        int, typer.Option(min=1, help="processors that a worker takes, and threads that it uses")
    ] = 1,
    gpus: Annotated[
        float | None,
        typer.Option(min=0, help="GPUs that a worker takes; 0.5 puts two workers on one"),
    ] = None,
    resource: Resources = None,
    chunk: Annotated[int, typer.Option(min=1, help="frames a task makes")] = 16,
    tries: Annotated[int, typer.Option(min=1, help="how often a frame is tried before it is left out")] = 3,
    lease: Annotated[
        float, typer.Option(min=1, help="seconds without a report after which a worker is replaced")
    ] = 600.0,
    device: Device = None,
    work_dir: WorkDir = None,
    overwrite: Overwrite = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep the frames of every pass when the film is done")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report/--no-report", help="write a page about every film beside it: FILM.report.html"
        ),
    ] = True,
) -> None:
    """Make the films of a list of jobs, or of a run folder, with the workers of a Ray cluster.

    Frames are kept as they are made: after any crash, the same command goes on with what is missing. A frame that
    fails every time is left out and named; everything that is not made from it is finished.
    """
    from stylize.farm.cluster import ResourceRequest
    from stylize.farm.driver import DriveSettings
    from stylize.farm.job_access import draws_on_cuda
    from stylize.farm.scheduler import RetryRules

    jobs = load_jobs(job, overwrite, work_dir, device, remote=address is not None)
    if gpus is None:
        gpus = 1.0 if any(draws_on_cuda(planned) for _, planned in jobs) else 0.0
    request = ResourceRequest(cpus, gpus, _resources(resource or []))
    settings = DriveSettings(address, workers, request, chunk, RetryRules(tries=tries, lease_s=lease))
    began = time.perf_counter()
    results = _drive(jobs, job, settings, terminal, report)
    outcomes = [
        _outcome(name, planned, result) for (name, planned), result in zip(jobs, results, strict=True)
    ]
    if not keep:
        _remove_frames(jobs, results)
    if not terminal.as_json and not terminal.quiet:
        terminal.say(f"in {spell_seconds(time.perf_counter() - began)}")
    for outcome in outcomes:
        if terminal.as_json:
            terminal.emit(outcome.record)
    close(outcomes, terminal)


def _drive(
    jobs: list[tuple[str, RenderJob]], named: str, settings: DriveSettings, terminal: Terminal, report: bool
) -> list[JobResult]:
    """Drives the jobs, and writes the reports of their films.

    Where this command planned them from the list `named`, workers may fetch what they name.
    """
    from stylize.farm.driver import drive
    from stylize.farm.job_access import load_run, passes_of
    from stylize.jobs.manifest import job_fingerprint
    from stylize.report.beside_the_film import report_beside
    from stylize.report.pass_times import PassTimes

    several = len(jobs) > 1
    passes: list[tuple[str, int, int]] = []
    for _, job in jobs:
        for name in job.pass_names:
            total = sum(len(each.frames) for each in passes_of(job, name))
            missing = sum(len(each.missing()) for each in passes_of(job, name))
            passes.append((f"{job.film.path.name} {name}" if several else name, total, total - missing))
    renderer = choose_renderer(terminal, "all jobs" if several else jobs[0][0], passes)
    own, watch, began = Path(named).is_file(), PassTimes(renderer), time.perf_counter()
    runs = [str(job.run_dir.absolute()) for _, job in jobs]
    load = partial(
        load_run,
        planned=dict(zip(runs, (job_fingerprint(job) for _, job in jobs), strict=True)) if own else {},
    )
    with Stopping(quiet=terminal.quiet) as stopping, renderer:
        results = drive(runs, load, settings, watch, stopping.asked)
        for (_, job), result in zip(jobs, results, strict=True):
            if report and result.done and wants_report(job):
                command = f"stylize farm run {shlex.quote(named)}"
                report_beside(job, command, time.perf_counter() - began, _of_job(job, watch), stopping.asked)
        return results


def wants_report(job: RenderJob) -> bool:
    """Whether a film's frames are still kept, and its report is missing or older than the film."""
    from stylize.farm.job_access import passes_of
    from stylize.report.film_report import report_file

    if any(each.missing() for name in job.pass_names for each in passes_of(job, name)):
        return False
    page, film = report_file(job.film.path), job.film.path
    return not page.exists() or (film.exists() and page.stat().st_mtime < film.stat().st_mtime)


def _of_job(job: RenderJob, watch: PassTimes) -> PassTimes:
    """What was heard of one of the jobs; where there are several, a pass's name bears its film's."""
    from stylize.report.pass_times import PassTimes

    own, before = PassTimes(watch), f"{job.film.path.name} "
    for name, time_of in watch.passes.items():
        if name in job.pass_names or name.startswith(before):
            own.passes[name.removeprefix(before)] = replace(time_of, name=name.removeprefix(before))
    return own


def _outcome(name: str, job: RenderJob, result: JobResult) -> Outcome:
    if result.done:
        return Outcome(name, "done", str(job.film.path), len(job.span))
    first = job.clip.first_number or 0
    failed = [
        f"frame {frame + first} of {step}: {why}" for (step, frame), why in sorted(result.quarantine.items())
    ]
    more = [f"and {len(failed) - NAMED_FRAMES} more"] if len(failed) > NAMED_FRAMES else []
    why = result.reason or "; ".join([*failed[:NAMED_FRAMES], *more])
    error = StylizeError(
        f"The film lacks {result.missing} frames of its passes. {why}",
        hint="remove the cause and give the same command: only what is missing is made",
    )
    return Outcome(name, "failed", str(job.film.path), error=error)


def _remove_frames(jobs: list[tuple[str, RenderJob]], results: list[JobResult]) -> None:
    """Removes the frames of finished films; the run's record and the film's receipt stay."""
    from stylize.jobs.manifest.names import FAILURES
    from stylize.pipeline import discard
    from stylize.storage.place import remove_tree

    for (_, job), result in zip(jobs, results, strict=True):
        if result.done:
            discard(job)
            remove_tree(job.run_dir / FAILURES)


def _resources(given: list[str]) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for text in given:
        name, _, amount = text.partition("=")
        try:
            amounts[name] = float(amount)
        except ValueError as error:
            raise UsageError(
                f"--resource {text!r} has no amount.", hint="write --resource licence=1"
            ) from error
    return amounts
