"""python -m benchmarks.memory: what a clip's length costs in memory, which should be nothing.

`stylize run` draws a short clip and a long one of the same size, each in a process of its own; the most memory
that it or ffmpeg held is told by the system. Exits with 1 where the long clip takes over 1.10 of the short.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure.clip import write_clip
from benchmarks.measure.job import PASSES, run_job
from benchmarks.measure.memory import MIB

ALLOWED = 1.10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--frames", type=int, nargs=2, default=[48, 1440], metavar=("SHORT", "LONG"))
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--shot", type=int, default=360, help="frames between two cuts")
    parser.add_argument(
        "options", nargs="*", help="of `stylize run`, after --; say: -- --size 128 --model mini"
    )
    args = parser.parse_args()
    options = args.options or ["--size", "64", "--steps", "1"]
    print(f"{args.width} x {args.height}, a cut every {args.shot} frames; stylize run {' '.join(options)}")
    print(
        "peak (with what the libraries touch on leaving), and the high-water mark at each pass's end, MiB\n"
    )
    print("| frames | peak | " + " | ".join(PASSES) + " |")
    print("|---|---|" + "---|" * len(PASSES), flush=True)
    peaks = []
    with tempfile.TemporaryDirectory(prefix="memory-") as place:
        for frames in args.frames:
            clip = write_clip(Path(place) / f"{frames}.mp4", frames, (args.width, args.height), args.shot)
            job = run_job(clip, Path(place) / f"{frames}.out.mp4", options)
            peaks.append(job.peak)
            marks = " | ".join(f"{job.water[name] / MIB:.1f}" if name in job.water else "" for name in PASSES)
            print(f"| {frames} | {job.peak / MIB:.1f} | {marks} |", flush=True)
    ratio = peaks[1] / peaks[0]
    grown = (peaks[1] - peaks[0]) / (args.frames[1] - args.frames[0])
    print(
        f"\nratio {ratio:.3f}, at most {ALLOWED:.2f} is allowed; {grown / 1024:.1f} KiB for every further frame"
    )
    return 0 if ratio <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
