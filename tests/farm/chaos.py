"""Chaos: a cheap job is made again and again while its workers, nodes and driver are killed at random moments.

    python -m tests.farm.chaos --rounds 100 --minutes 30 [--seed 1]

Every round must end in the identical film, with no frame lost and no frame torn. It ends with an error at the first
round that does not, and says how to repeat it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize import pipeline
from stylize.farm.cluster import QUIET, cluster
from stylize.farm.driver import DriveSettings, drive
from stylize.farm.scheduler import RetryRules
from stylize.jobs.job import RenderJob
from tests.farm.standin import load, write_job

FRAMES, SECONDS = 24, 0.02
LEASE_S = 4.0
DEADLINE_S = 120.0


@dataclass
class ChaosCluster:
    """A cluster: a head without workers, and two nodes that have them."""

    ray_cluster: Any
    nodes: list[Any]

    @classmethod
    def build(cls) -> ChaosCluster:
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        return cls(made, [made.add_node(num_cpus=1) for _ in range(2)])

    @property
    def raylets(self) -> list[int]:
        return [info.process.pid for node in self.nodes for info in node.all_processes.get("raylet", [])]

    def empty(self) -> None:
        """Removes all worker nodes, each with a proper shutdown."""
        while self.nodes:
            self.ray_cluster.remove_node(self.nodes.pop(), allow_graceful=True)

    def join(self) -> None:
        self.nodes += [self.ray_cluster.add_node(num_cpus=1) for _ in range(2 - len(self.nodes))]

    def workers(self) -> list[int]:
        """The processes of the actors that work on our nodes."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command_line = (entry / "cmdline").read_bytes()
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except (OSError, ValueError):
                    continue
                if command_line.startswith(b"ray::Worker") and parent in self.raylets:
                    found.append(int(entry.name))
        return found


def kill_a_worker(chaos: ChaosCluster, dice: random.Random) -> None:
    signal_one(chaos, dice, signal.SIGKILL)


def stop_a_worker(chaos: ChaosCluster, dice: random.Random) -> None:
    signal_one(chaos, dice, signal.SIGSTOP)


def signal_one(chaos: ChaosCluster, dice: random.Random, number: signal.Signals) -> None:
    workers = chaos.workers()
    if workers:
        try:
            os.kill(dice.choice(workers), number)
        except ProcessLookupError:
            return


def kill_a_raylet(chaos: ChaosCluster, dice: random.Random) -> None:
    """A node goes, and another one joins late."""
    node = dice.choice(chaos.nodes)
    os.kill(node.all_processes["raylet"][0].process.pid, signal.SIGKILL)
    chaos.nodes.remove(node)
    chaos.ray_cluster.remove_node(node, allow_graceful=False)
    time.sleep(dice.uniform(0, 1.5))
    chaos.nodes.append(chaos.ray_cluster.add_node(num_cpus=1))


ATTACKS: dict[str, Callable[[ChaosCluster, random.Random], None]] = {
    "worker": kill_a_worker,
    "stopped": stop_a_worker,
    "raylet": kill_a_raylet,
}
KINDS = (*ATTACKS, "driver", "late")


def play(kind: str, run: str, chaos: ChaosCluster, dice: random.Random, ray: Any) -> None:
    """One round: the job is driven, and at a random moment something dies, perhaps several times."""
    job, times = load(run), dice.choice((1, 1, 2))
    moments = sorted(dice.uniform(0, 0.95) for _ in range(times))
    if kind == "driver":
        for moment in moments:
            driver = subprocess.Popen(
                command(run, chaos), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            wait_until(job, moment, lambda driver=driver: driver.poll() is not None)
            driver.kill()
            driver.wait()
        subprocess.run(command(run, chaos), check=True, timeout=DEADLINE_S)
        return
    if kind == "late":
        chaos.empty()
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.extend(drive([run], load, settings(chaos, dice))))
    thread.start()
    if kind == "late":
        time.sleep(dice.uniform(0.5, 3))
        chaos.join()
        moments = []
    for moment in moments:
        wait_until(job, moment, lambda: not thread.is_alive())
        ATTACKS[kind](chaos, dice)
    thread.join(DEADLINE_S)
    assert not thread.is_alive(), "the run hangs"
    assert done, "the run failed"
    assert done[0].done, done[0]


def settings(chaos: ChaosCluster, dice: random.Random) -> DriveSettings:
    rules = RetryRules(tries=4, lease_s=LEASE_S)
    return DriveSettings(
        chaos.ray_cluster.address, workers=2, chunk_size=dice.choice((1, 3, 5, 8)), rules=rules
    )


def command(run: str, chaos: ChaosCluster) -> list[str]:
    return [sys.executable, "-m", "tests.farm.chaos", "--drive", run, "--address", chaos.ray_cluster.address]


def wait_until(job: RenderJob, share: float, over: Callable[[], bool]) -> None:
    """Until that share of all frames lies in the store."""
    began = time.monotonic()
    while not over() and time.monotonic() - began < DEADLINE_S:
        made = 2 * FRAMES - sum(
            len(job.segments[0].store(name).missing(range(FRAMES))) for name in ("draw", "calm")
        )
        if made >= share * 2 * FRAMES:
            return
        time.sleep(0.005)


def check(job: RenderJob, film: bytes) -> None:
    """The film is the one that an undisturbed process makes, and every frame in the store is whole."""
    for name in ("draw", "calm"):
        assert job.segments[0].store(name).missing(range(FRAMES)) == [], name
        strange = [
            f.name
            for f in job.segments[0].store(name).folder.iterdir()
            if f.suffix != ".png" and f.suffix != ".tmp"
        ]
        assert not strange, strange
        for number in range(FRAMES):
            job.segments[0].store(name).read(number)
    assert job.film.path.read_bytes() == film, "another film"
    beside = [each.name for each in job.film.path.parent.iterdir()]
    assert not [
        name
        for name in beside
        if name.endswith(".mp4") and name != job.film.path.name and not name.startswith(".")
    ]


def undisturbed(folder: Path) -> bytes:
    job = load(write_job(folder / "run", FRAMES))
    for name in ("draw", "calm"):
        pipeline.run_pass(job, name, lambda event: None, lambda: False)
    pipeline.finish(job, lambda event: None, lambda: False)
    return job.film.path.read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=len(KINDS))
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.drive:
        rules = RetryRules(tries=4, lease_s=LEASE_S)
        result = drive(
            [asked.drive], load, DriveSettings(asked.address, workers=2, chunk_size=5, rules=rules)
        )[0]
        sys.exit(0 if result.done else 1)
    os.environ.update(QUIET)
    os.environ["RAY_AUTH_MODE"] = "disabled"  # nodes of one test, on the loopback of one machine
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        storm(folder, asked.rounds, asked.minutes, asked.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def storm(folder: Path, rounds: int, minutes: float, seed: int) -> None:
    film, began = undisturbed(folder / "whole"), time.monotonic()
    chaos = ChaosCluster.build()
    counts = dict.fromkeys(KINDS, 0)
    with cluster(chaos.ray_cluster.address, 2, DriveSettings().request) as ray:
        for number, kind in zip(range(rounds), itertools.cycle(KINDS), strict=False):
            if time.monotonic() - began > 60 * minutes:
                print(f"time is up after {number} rounds")
                break
            dice = random.Random(seed * 1000 + number)
            run = write_job(folder / f"{number}" / "run", FRAMES, seconds=SECONDS)
            start = time.monotonic()
            try:
                play(kind, run, chaos, dice, ray)
                check(load(run), film)
            except BaseException:
                print(f"round {number} ({kind}, seed {seed}) failed", flush=True)
                raise
            counts[kind] += 1
            print(f"round {number}: {kind}, {time.monotonic() - start:.1f} s", flush=True)
            shutil.rmtree(folder / f"{number}")
    chaos.ray_cluster.shutdown()
    played = ", ".join(f"{count} x {kind}" for kind, count in counts.items())
    print(f"{sum(counts.values())} rounds, every film the same: {played}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
