"""What happens to a command at a random moment of its work."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stylize.cli import main as command_line
from tests.hostile.chaos_commands import INPUTS, kept_files

DEADLINE_S = 400.0


def start(words: tuple[str, ...], folder: Path) -> int:
    """Begins a command in a process of its own, with a temporary folder of its own; returns its number."""
    process = os.fork()
    if process:
        return process
    code = 99
    try:
        os.setsid()
        os.chdir(folder)
        os.environ["TMPDIR"] = str(temporary_of(folder))
        tempfile.tempdir = None
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


def temporary_of(folder: Path) -> Path:
    """The temporary folder of commands in `folder`: what they leave there is a fault of theirs too."""
    made = folder.parent / f"{folder.name}.t"
    made.mkdir(exist_ok=True)
    return made


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


def descendants(process: int) -> Iterator[int]:
    """The processes that it started, and that those started."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it has ended
            continue
        for each in map(int, children):
            yield each
            yield from descendants(each)


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return ""


def kill_ffmpeg(at: Round) -> None:
    """The encoder dies in the middle: what runs it says so."""
    process = start(at.words, at.folder)
    deadline = time.monotonic() + at.seconds
    while time.monotonic() < deadline:
        found = [each for each in descendants(process) if command_of(each) == "ffmpeg"]
        if found:
            time.sleep(at.dice.uniform(0, 0.05))
            for each in found:
                try:
                    os.kill(each, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            break
        time.sleep(0.01)
    wait(process)


def spoil(change: Callable[[bytearray, random.Random], bytes]) -> Callable[[Round], None]:
    """Killed, and then some of what it kept is changed."""

    def fault(at: Round) -> None:
        process = at.until_some_moment()
        os.kill(process, signal.SIGKILL)
        wait(process)
        kept = kept_files(at.folder)
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
        if file.relative_to(at.folder).parts[0] not in INPUTS:
            os.utime(file, (moment, moment), follow_symlinks=False)


def twins(at: Round) -> None:
    """The same command twice at once."""
    first = at.until_some_moment()
    second = start(at.words, at.folder)
    wait(first)
    wait(second)


def fill_the_disk(at: Round) -> None:
    """Room for a part of what it writes, by the system's own limit on the size of a folder's file system."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={at.dice.choice((64, 128, 256, 512, 4096))}k", "tmpfs",
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
    "what is kept, flipped": spoil(flip),
    "what is kept, cut off": spoil(truncate),
    "clock jumps": turn_the_clock,
    "two runs at once": twins,
    "disk full": fill_the_disk,
    "read-only output": refuse_writing,
}
NEEDS_ROOT = ("disk full", "read-only output")
OFTEN = "SIGKILL"
"""Every second round."""
