"""`stylize farm export`: job templates for a studio's own farm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from stylize.cli.farm.jobs import Device, JobArgument, Overwrite, WorkDir, load_jobs
from stylize.cli.terminal import Terminal


def export(
    terminal: Terminal,
    job: JobArgument,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FOLDER", help="where the exports go; by default here"),
    ] = None,
    format: Annotated[
        Literal["openjd", "deadline-bundle"],
        typer.Option("--format", help="a template, or a job bundle around it"),
    ] = "openjd",
    chunk: Annotated[int, typer.Option(min=1, help="frames a task makes")] = 16,
    cpus: Annotated[int, typer.Option(min=1, help="that a task asks for")] = 1,
    frame_timeout: Annotated[
        int, typer.Option(min=1, help="seconds a frame after which a task is ended")
    ] = 600,
    no_chunk_extension: Annotated[
        bool, typer.Option("--no-chunk-extension", help="for schedulers without TASK_CHUNKING")
    ] = False,
    device: Device = None,
    work_dir: WorkDir = None,
    overwrite: Overwrite = False,
) -> None:
    """Plan jobs and write job templates for a farm that reads Open Job Description, such as Deadline Cloud.

    Every pass is a step of chunked tasks, and the last step makes the film. A task may be run again at any time:
    frames that are made are left alone.
    """
    from stylize.farm.bundle import write_export
    from stylize.farm.openjd import Export

    settings = Export(chunk, frame_timeout, cpus, chunking=not no_chunk_extension)
    for name, planned in load_jobs(job, overwrite, work_dir, device, remote=True):
        written = write_export(planned, name, out or Path(), format, settings, overwrite)
        if terminal.as_json:
            terminal.emit({"event": "export", "name": name, "path": str(written)})
        elif not terminal.quiet:
            terminal.result(str(written))
