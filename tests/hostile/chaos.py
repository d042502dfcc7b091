"""Chaos: commands are killed, stopped, starved of disk and spoiled at random moments, and given again.

    python -m tests.hostile.chaos --rounds 200 [--seed 1] [--minutes 60] [--commands run,steady]

After every round the same command must end in the very files of an undisturbed run, and leave nothing else behind.
Commands run in processes of their own, forked from one that has imported everything, so that a round takes seconds.
What dies on a cluster is tried by `tests.farm.chaos`.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylize.cli import main as command_line
from stylize.footage import write_film
from stylize.footage.clip import Clip, Frame

FRAMES = 12
DEADLINE_S = 180.0
COMMANDS: dict[str, tuple[str, ...]] = {
    "steady": ("steady", "drawn.mp4", "--source", "plate.mp4", "-o", "out.mp4", "--repair", "report"),
    "key": ("key", "plate.mp4", "-o", "out.mov", "--matte-out", "matte.%04d.png"),
    "comp": ("comp", "plate.mp4", "scene.toml", "-o", "out.mp4"),
    "camera": ("camera", "camera.chan", "--picture", "96x64", "-o", "out.usda"),
    "shots": ("shots", "plate.mp4", "-o", "out.csv"),
    "run": (
        "run",
        "plate.mp4",
        "-o",
        "out.mp4",
        "--steps",
        "1",
        "--size",
        "64",
        "--device",
        "cpu",
        "--repair",
        "off",
    ),
}
SCENE = """
[camera]
source = "locked"
[backdrop]
kind = "still"
file = "sky.png"
draw = false
"""


def write_inputs(folder: Path) -> None:
    """A green-screen plate with sound of silence, the same with flicker, a scene, and a camera file."""
    import cv2

    rng = np.random.default_rng(3)
    figure = np.repeat(np.repeat(rng.random((8, 6, 3), np.float32), 4, 0), 4, 1) * (1, 0.3, 1)
    for name, flicker in (("plate", 0.0), ("drawn", 0.08)):
        frames = []
        for index in range(FRAMES):
            picture = np.full((64, 96, 3), (0.1, 0.7, 0.2), np.float32)
            picture[20:52, 10 + 4 * index : 34 + 4 * index] = figure
            frames.append(Frame(index, index, np.clip(picture * (1 + flicker * (-1) ** index), 0, 1)))
        path = folder / f"{name}.mp4"
        write_film(frames, path, Clip(path, 96, 64, Fraction(24), Fraction(1, 24), FRAMES), audio=False)
    cv2.imwrite(str(folder / "sky.png"), np.full((64, 96, 3), 200, np.uint8))
    (folder / "scene.toml").write_text(SCENE)
    (folder / "camera.chan").write_text(
        "".join(f"{n} 0 0 {n / 100} 0 {n} 0 40\n" for n in range(1, FRAMES + 1))
    )


INPUTS = ("plate.mp4", "drawn.mp4", "scene.toml", "sky.png", "camera.chan")


def start(words: tuple[str, ...], folder: Path) -> int:
    """Begins a command in a process of its own; returns its number."""
    process = os.fork()
    if process:
        return process
    code = 99
    try:
        os.setsid()
        os.chdir(folder)
        said = os.open(folder.parent / f"{folder.name}.said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(said, stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["stylize", *words]
        code = command_line()
    except BaseException as error:
        os.write(2, f"Traceback: {type(error).__name__}: {error}\n".encode())
    finally:
        sys.stderr.flush()
        os._exit(code)


def wait(process: int) -> int:
    """The exit code of a process; 1000 for one that hangs, and is killed."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return 1000


@dataclass
class Round:
    """One command, one folder, one moment, and the dice that decide."""

    words: tuple[str, ...]
    folder: Path
    seconds: float
    dice: random.Random

    def until_some_moment(self) -> int:
        """Begins the command and waits for a moment of it."""
        process = start(self.words, self.folder)
        time.sleep(self.dice.uniform(0, 1.05) * self.seconds)
        return process


def send(number: signal.Signals) -> Callable[[Round], None]:
    def fault(at: Round) -> None:
        process = at.until_some_moment()
        os.kill(process, number)
        wait(process)

    return fault


def interrupt_twice(at: Round) -> None:
    process = at.until_some_moment()
    for _ in range(2):
        os.kill(process, signal.SIGINT)
        time.sleep(at.dice.uniform(0, 0.02))
    wait(process)


def kill_ffmpeg(at: Round) -> None:
    """The encoder dies in the middle: what runs it says so."""
    process = start(at.words, at.folder)
    deadline = time.monotonic() + at.seconds
    while time.monotonic() < deadline:
        found = subprocess.run(
            ["pgrep", "-P", str(process), "ffmpeg"], capture_output=True, text=True
        ).stdout.split()
        if found:
            time.sleep(at.dice.uniform(0, 0.05))
            for each in found:
                try:
                    os.kill(int(each), signal.SIGKILL)
                except ProcessLookupError:
                    continue
            break
    wait(process)


def spoil(change: Callable[[bytearray, random.Random], bytes]) -> Callable[[Round], None]:
    """Killed, and then some of the frames that it kept are changed."""

    def fault(at: Round) -> None:
        process = at.until_some_moment()
        os.kill(process, signal.SIGKILL)
        wait(process)
        kept = sorted(at.folder.glob("out.*.stylize/*/*/*.png"))
        for file in at.dice.sample(kept, min(len(kept), 3)):
            file.write_bytes(change(bytearray(file.read_bytes()), at.dice))

    return fault


def flip(data: bytearray, dice: random.Random) -> bytes:
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def truncate(data: bytearray, dice: random.Random) -> bytes:
    return bytes(data[: dice.randrange(len(data))])


def turn_the_clock(at: Round) -> None:
    """Killed, and everything that it left is from tomorrow, or from long ago."""
    process = at.until_some_moment()
    os.kill(process, signal.SIGKILL)
    wait(process)
    moment = time.time() + at.dice.choice((-1e8, 86_400.0))
    for file in at.folder.rglob("*"):
        if file.name not in INPUTS:
            os.utime(file, (moment, moment), follow_symlinks=False)


def twins(at: Round) -> None:
    """The same command twice at once."""
    first = at.until_some_moment()
    second = start(at.words, at.folder)
    wait(first)
    wait(second)


def fill_the_disk(at: Round) -> None:
    """Room for a part of what it writes, by the system's own limit on the size of a folder's file system."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={at.dice.choice((64, 128, 256, 512))}k", "tmpfs",
                    str(at.folder)], check=True)  # fmt: skip
    try:
        for name in INPUTS:
            (at.folder / name).symlink_to(at.folder.parent / "inputs" / name)
        ballast = at.folder / "ballast"
        room = os.statvfs(at.folder).f_bavail * os.statvfs(at.folder).f_frsize
        ballast.write_bytes(bytes(int(room * at.dice.uniform(0.5, 1))))
        wait(start(at.words, at.folder))
        ballast.unlink()
        kept = at.folder.parent / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(at.folder, kept, symlinks=False)
    finally:
        subprocess.run(["umount", "-l", str(at.folder)], check=True)
    for each in kept.iterdir():
        if each.name not in INPUTS:
            shutil.move(each, at.folder / each.name)


def refuse_writing(at: Round) -> None:
    """The output's folder is read-only meanwhile."""
    subprocess.run(["mount", "--bind", str(at.folder), str(at.folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(at.folder)], check=True)
        wait(start(at.words, at.folder))
    finally:
        subprocess.run(["umount", "-l", str(at.folder)], check=True)


FAULTS: dict[str, Callable[[Round], None]] = {
    "SIGKILL": send(signal.SIGKILL),
    "SIGINT": send(signal.SIGINT),
    "SIGINT twice": interrupt_twice,
    "SIGTERM": send(signal.SIGTERM),
    "ffmpeg dies": kill_ffmpeg,
    "a kept frame flipped": spoil(flip),
    "a kept frame truncated": spoil(truncate),
    "clock jumps": turn_the_clock,
    "two runs at once": twins,
    "disk full": fill_the_disk,
    "read-only output": refuse_writing,
}
NEEDS_ROOT = ("disk full", "read-only output")
OFTEN = "SIGKILL"
"""Every second round."""


def outputs_of(folder: Path) -> dict[str, bytes]:
    """All that a command left besides its inputs, by name: films, and what should not be there.

    A report tells of the time that its film took: that it is there and whole is all that is compared of it.
    """
    files = sorted(file for file in folder.rglob("*") if not file.is_dir() and file.name not in INPUTS)
    return {file.relative_to(folder).as_posix(): _compared(file) for file in files}


def _compared(file: Path) -> bytes:
    content = file.read_bytes()
    if file.name.endswith(".report.html"):
        return content[:15] + content[-8:]
    return content


def play(name: str, fault: str, inputs: Path, home: Path, whole: dict[str, Any], dice: random.Random) -> str:
    """One round; returns what is wrong, or nothing."""
    folder = home / "round"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for each in INPUTS:
        shutil.copy(inputs / each, folder / each)
    said = home / "round.said"
    said.unlink(missing_ok=True)
    FAULTS[fault](Round(COMMANDS[name], folder, whole["seconds"], dice))
    code = wait(start(COMMANDS[name], folder))
    text = said.read_text(errors="replace")
    if code == 2 and "exist" in text:  # it was done before the fault came, or in part: the user agrees
        code = wait(start((*COMMANDS[name], "-y"), folder))
    text = said.read_text(errors="replace")
    if code != 0:
        return f"exit code {code}: {text[-300:]}"
    if "Traceback" in text or "itself failed" in text:
        return f"an internal error: {text[-600:]}"
    found = outputs_of(folder)
    if found.keys() != whole["files"].keys():
        return f"other files: {sorted(found.keys() ^ whole['files'].keys())}"
    if found != whole["files"]:
        return "another film"
    return ""


def storm(rounds: int, seed: int, minutes: float, commands: tuple[str, ...]) -> dict[str, Any]:
    """Plays the rounds; returns how many of each command and fault there were, and what went wrong."""
    began = time.monotonic()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    wrong: list[list[str]] = []
    home = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        inputs = home / "inputs"
        inputs.mkdir()
        made = os.fork()
        if not made:  # OpenCV's threads stay in that process
            write_inputs(inputs)
            os._exit(0)
        os.waitpid(made, 0)
        wholes = {name: undisturbed(name, inputs, home) for name in commands}
        faults = [fault for fault in FAULTS if fault not in NEEDS_ROOT or os.geteuid() == 0]
        for number in range(rounds):
            if time.monotonic() - began > 60 * minutes:
                break
            dice = random.Random(seed * 100_000 + number)
            name = commands[number % len(commands)]
            fault = (
                OFTEN if number // len(commands) % 2 else faults[number // len(commands) // 2 % len(faults)]
            )
            what = play(name, fault, inputs, home, wholes[name], dice)
            counts[fault][name] += 1
            if what:
                wrong.append([name, fault, str(number), what])
                print(f"round {number} ({name}, {fault}, seed {seed}): {what}", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return {
        "rounds": sum(sum(each.values()) for each in counts.values()),
        "counts": {fault: dict(each) for fault, each in counts.items()},
        "wrong": wrong,
        "seconds": round(time.monotonic() - began),
    }


def undisturbed(name: str, inputs: Path, home: Path) -> dict[str, Any]:
    """What a command makes, and how long it takes."""
    folder = home / f"whole-{name}"
    shutil.copytree(inputs, folder)
    began = time.monotonic()
    code = wait(start(COMMANDS[name], folder))
    assert code == 0, (home / f"whole-{name}.said").read_text()
    return {"seconds": time.monotonic() - began, "files": outputs_of(folder)}


def table(found: dict[str, Any], commands: tuple[str, ...]) -> str:
    """The rounds as a table, by fault and command."""
    lines = ["| fault | " + " | ".join(commands) + " | wrong |", "|-" * (len(commands) + 2) + "|"]
    for fault, each in found["counts"].items():
        bad = sum(1 for row in found["wrong"] if row[1] == fault)
        lines.append(
            f"| {fault} | " + " | ".join(str(each.get(name, 0)) for name in commands) + f" | {bad} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    parser.add_argument("--json", type=Path, help="write the counts here")
    asked = parser.parse_args()
    commands = tuple(asked.commands.split(","))
    if "run" in commands:
        import stylize.diffusion.generator  # noqa: F401 (imported once, before the forks)
    found = storm(asked.rounds, asked.seed, asked.minutes, commands)
    print(table(found, commands))
    print(f"{found['rounds']} rounds in {found['seconds']} s, {len(found['wrong'])} wrong")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
