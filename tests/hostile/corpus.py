"""The corpus of hostile and odd media: every file gives a right film or one sentence, in bounded time and memory.

    python -m tests.hostile.corpus --count 1000 [--seed 1] [--keep FOLDER]

Every file is probed, its shots are found, and its frames are written as a film again, in a process that is ended
when it takes too long and cannot take more than its share of memory. A film is right when it has as many frames as
ffmpeg itself decodes from the file, at the same times. It prints a table, and ends with an error where anything is
wrong.
"""

from __future__ import annotations

import argparse
import collections
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.media import Case, corpus

SECONDS, MEMORY = 30.0, 6 << 30
"""What a file may take: of time, and of address space, bytes."""


@dataclass(frozen=True)
class Verdict:
    """What became of a file: `film`, `sentence`, or what is wrong with it."""

    what: str
    says: str = ""
    seconds: float = 0.0
    mib: float = 0.0


def attempt(path: Path, out: Path) -> Verdict:
    """One file through everything that reads footage."""
    from stylize import footage
    from stylize.errors import StylizeError

    try:
        clip = footage.probe(path)
        footage.find_shots(clip)
        footage.write_film(footage.read_frames(clip), out, clip, overwrite=True)
        made = footage.probe(out)
    except StylizeError as error:
        return Verdict("sentence", error.what)
    except Exception as error:
        return Verdict("internal error", f"{type(error).__name__}: {error}")
    if made.frame_count != clip.frame_count:
        return Verdict("wrong film", f"{made.frame_count} frames of {clip.frame_count}")
    there = decoded_by_ffmpeg(path, clip.stream)
    if there is not None and there != clip.frame_count:
        return Verdict("wrong film", f"{clip.frame_count} frames, and ffmpeg decodes {there}")
    return Verdict("film")


def decoded_by_ffmpeg(path: Path, stream: int) -> int | None:
    """How many frames ffmpeg shows of a file; None where it finds it damaged: no number is right then."""
    import av

    try:
        with av.open(f"file:{path}") as container:
            return sum(1 for _ in container.decode(container.streams[stream]))
    except (av.error.FFmpegError, IndexError, ValueError):
        return None


def serve(pipe: Any, folder: str) -> None:
    """A process that tries one file after the other."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    silent = os.open(os.devnull, os.O_WRONLY)
    # PyAV's own way of being quiet waits for itself when a decoder's thread has something to say.
    os.dup2(silent, 2)
    while True:
        path = pipe.recv()
        out = Path(folder) / "out.mp4"
        out.unlink(missing_ok=True)
        began = time.monotonic()
        found = attempt(Path(path), out)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pipe.send((found.what, found.says, time.monotonic() - began, used))


class Server:
    """The process, begun anew whenever a file has ended it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: Any = None

    def ask(self, path: Path) -> Verdict:
        """The verdict on one file."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, other = context.Pipe()
            self._process = context.Process(target=serve, args=(other, str(self._folder)), daemon=True)
            self._process.start()
            other.close()
            self._pipe.send(str(path))
            limit = SECONDS + 60  # it imports first
        else:
            self._pipe.send(str(path))
            limit = SECONDS
        try:
            if self._pipe.poll(limit):
                return Verdict(*self._pipe.recv())
            verdict = Verdict("hang", f"nothing for {limit:.0f} s")
        except EOFError:
            self._process.join(5)
            verdict = Verdict("crash", f"the process ended with {self._process.exitcode}")
        self.close()
        return verdict

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def run(count: int, seed: int, keep: Path | None = None, minutes: float = 60.0) -> dict[str, Any]:
    """Tries `count` files; returns the table as JSON can hold it."""
    began = time.monotonic()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    wrong: list[tuple[Case, Verdict]] = []
    slowest, largest, tried = 0.0, 0.0, 0
    with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
        server = Server(Path(scratch))
        try:
            for case in corpus(Path(scratch), count, seed):
                if time.monotonic() - began > 60 * minutes:
                    break
                verdict = server.ask(case.path)
                tried += 1
                counts[case.change][verdict.what] += 1
                slowest, largest = max(slowest, verdict.seconds), max(largest, verdict.mib)
                if verdict.what not in ("film", "sentence"):
                    wrong.append((case, verdict))
                    print(
                        f"{case.path.name} ({case.kind}, {case.change}): {verdict.what}: {verdict.says}",
                        flush=True,
                    )
                    if keep is not None:
                        keep.mkdir(parents=True, exist_ok=True)
                        (keep / case.path.name).write_bytes(case.path.read_bytes())
                if case.change != "as it is":
                    case.path.unlink()
        finally:
            server.close()
    return {
        "files": tried,
        "counts": {change: dict(found) for change, found in counts.items()},
        "wrong": [[case.kind, case.change, verdict.what, verdict.says] for case, verdict in wrong],
        "slowest_s": round(slowest, 2),
        "largest_mib": round(largest),
        "seconds": round(time.monotonic() - began),
    }


def table(found: dict[str, Any]) -> str:
    """The counts as a table."""
    kinds = ("film", "sentence", "internal error", "wrong film", "hang", "crash")
    lines = ["| what was done to the file | " + " | ".join(kinds) + " |", "|-" * (len(kinds) + 1) + "|"]
    for change, counts in found["counts"].items():
        lines.append(f"| {change} | " + " | ".join(str(counts.get(kind, 0)) for kind in kinds) + " |")
    total = [sum(counts.get(kind, 0) for counts in found["counts"].values()) for kind in kinds]
    lines.append("| all | " + " | ".join(map(str, total)) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--keep", type=Path, help="a folder for the files that went wrong")
    parser.add_argument("--json", type=Path, help="write the counts here")
    asked = parser.parse_args()
    found = run(asked.count, asked.seed, asked.keep, asked.minutes)
    print(table(found))
    print(f"{found['files']} files in {found['seconds']} s; the slowest took {found['slowest_s']} s, "
          f"the process {found['largest_mib']} MiB at most")  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
