"""Overhead and scaling of the executors.

    scripts/bench farm

One thousand frames that lie in the store already are asked for, by one process, by a Ray worker and by Open Job
Description: what the executors cost where there is nothing to do. Two passes that sleep, by one worker and by two:
the efficiency of the second. The best of some goes counts, for others use a machine as well.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.measure.hardware import hardware_line
from stylize import footage, pipeline
from stylize.config.read_settings import read_settings
from stylize.events import Event, PassFinished, PassStarted, silent
from stylize.farm.cluster import ResourceRequest, cluster
from stylize.farm.driver import DriveSettings, drive
from stylize.farm.openjd import Export
from stylize.farm.worker_pool import WorkerPool
from stylize.footage.clip import Clip, Frame
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import save_job
from stylize.jobs.plan_run import plan_run
from stylize.passes.runner import make
from tests.farm.standin import load, painted, write_job

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--only", choices=("ray", "openjd"))
    parser.add_argument("--chunk", type=int, default=Export().chunk_size)
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)  # workers import the stand-in
    print(hardware_line())
    with tempfile.TemporaryDirectory(prefix="bench-farm-") as name:
        folder = Path(name)
        if asked.only != "openjd":
            overhead(folder, asked.frames, asked.chunk)
        if asked.only != "ray":
            openjd(folder, asked.frames, asked.chunk)


def overhead(folder: Path, frames: int, chunk: int) -> None:
    """Ray beside one process, and two workers beside one."""
    began = time.perf_counter()
    with cluster(None, 2, ResourceRequest()) as ray:
        print(f"cluster up in {time.perf_counter() - began:.1f} s")
        drive([write_job(folder / "warm" / "run", 12)], load, DriveSettings(workers=2))
        run = write_job(folder / "cached" / "run", frames)
        pipeline.run_pass(load(run), "draw", silent, lambda: False)
        tasks = [range(first, min(first + chunk, frames)) for first in range(0, frames, chunk)]
        alone = min(by_one(run, tasks) for _ in range(3))
        by_ray = min(by_a_worker(ray, run, tasks) for _ in range(3))
        print(
            f"{frames} cached frames, {chunk} a task: one process {1000 * alone / frames:.2f} ms a frame, one Ray "
            f"worker {1000 * by_ray / frames:.2f} ms; overhead {1000 * (by_ray - alone) / frames:.2f} ms a frame"
        )
        took = {workers: min(asleep(folder, workers, go) for go in range(2)) for workers in (1, 2)}
        print(
            f"96 frames of two passes that sleep 0.1 s: {took[1]:.1f} s by one worker, {took[2]:.1f} s by two; "
            f"efficiency {100 * took[1] / took[2] / 2:.0f} %"
        )


def by_one(run: str, tasks: list[range]) -> float:
    """The seconds that this process needs to see that there is nothing to do."""
    job = load(run)
    return timed(lambda: [list(make(job, job.segments[0].passes[0], frames)) for frames in tasks])


def by_a_worker(ray: Any, run: str, tasks: list[range]) -> float:
    """The same by a worker of the cluster, task after task."""
    pool = WorkerPool(ray, 1, ResourceRequest(), load, [run])
    pool.fill()
    (worker,) = pool.workers.values()

    def work() -> None:
        for frames in tasks:
            pool.assign(worker, "make", run, 0, "draw", tuple(frames))
            while not worker.is_free:
                pool.receive(1.0)

    while not worker.is_free:
        pool.receive(1.0)
    seconds = timed(work)
    pool.close()
    return seconds


def asleep(folder: Path, workers: int, go: int) -> float:
    """The seconds of two passes that sleep."""
    run = write_job(folder / f"{workers} {go}" / "run", 96, seconds=0.1)
    return pass_seconds(run, workers, 4, ("draw", "calm"))


def pass_seconds(run: str, workers: int, chunk: int, names: tuple[str, ...]) -> float:
    """From the first task of the first of these passes to the last frame of the last."""
    marks: dict[tuple[type, str], float] = {}

    def listen(event: Event) -> None:
        if isinstance(event, PassStarted | PassFinished):
            marks[type(event), event.name] = time.perf_counter()

    assert drive([run], load, DriveSettings(workers=workers, chunk_size=chunk), listen)[0].done
    return marks[PassFinished, names[-1]] - marks[PassStarted, names[0]]


def openjd(folder: Path, frames: int, chunk: int) -> None:
    """A step whose frames are all there, run by `openjd run` in as many processes as it has chunks."""
    from stylize.farm.bundle import write_export

    plan = plan_of_many(folder, frames)
    save_job(plan)
    store = plan.segments[0].store("style")
    store.write(0, painted(0))
    for number in range(1, frames):
        os.link(store.path(0), store.path(number))
    out = write_export(plan, "many", folder, "openjd", Export(chunk_size=chunk), overwrite=True)
    here = Path(sys.executable).parent
    command = [
        here / "openjd",
        "run",
        out,
        "--step",
        "style",
        "-p",
        f"file://{folder / 'many.parameters.json'}",
    ]
    command += ["-p", f"Stylize={here / 'stylize'}"]
    seconds = timed(lambda: subprocess.run(list(map(str, command)), check=True, capture_output=True))
    tasks = -(-frames // chunk)
    print(
        f"{frames} cached frames through openjd run, {chunk} a task: {1000 * seconds / frames:.1f} ms a frame, "
        f"{seconds / tasks:.2f} s a task"
    )


def plan_of_many(folder: Path, frames: int) -> RenderJob:
    clip = folder / "many.mp4"
    pictures = [painted(n) for n in range(3)]  # neighbours differ: a repeated picture is not drawn again
    footage.write_film(
        (Frame(n, n, pictures[n % 3]) for n in range(frames)),
        clip,
        Clip(clip, 64, 48, Fraction(24), Fraction(1, 24), frames),
        audio=False,
    )
    shots = folder / "many.csv"
    shots.write_text(f"start,end\n0,{frames}\n")
    return plan_run(
        clip, folder / "many.out.mp4", read_settings(shots=shots, size=64, device="cpu", repair="off")
    )


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
