"""python -m benchmarks.run CLIP: what the main job takes of this machine, pass by pass, as a table's row.

Runs `stylize run` with the options after the clip (--style anime --steps 2 --size 384 ...) in a process of its
own. Milliseconds are a frame's share, by the wall clock and for all processors together ("CPU", start and
ffmpeg included); loading the weights is in the first pass.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.measure.hardware import hardware_line
from benchmarks.measure.job import PASSES, run_job
from benchmarks.measure.memory import MIB


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("clip", type=Path)
    args, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="run-") as place:
        job = run_job(args.clip, Path(place) / "film.mp4", options)
    clip, span, segment = job.plan["clip"], job.plan["span"], job.plan["segments"][0]
    config = segment["config"]
    frames = span[1] - span[0]
    drawn = "x".join(map(str, segment["working_size"]))
    busy = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{hardware_line()}{busy}\n")
    titles = [
        "clip",
        "drawn at",
        "config",
        *(f"{name} ms" for name in PASSES),
        "total ms",
        "CPU ms",
        "peak MiB",
    ]
    row = [
        f"{frames} frames of {clip['width']}x{clip['height']}",
        drawn,
        f"{config['style']}, {config['steps']} steps, {config['precision']}, {config['device']}",
        *(f"{1000 * job.seconds[name] / frames:.0f}" if name in job.seconds else "off" for name in PASSES),
        f"{1000 * job.total_s / frames:.0f}",
        f"{1000 * job.cpu_s / frames:.0f}",
        f"{job.peak / MIB:.0f}",
    ]
    for line in (titles, ["---"] * len(titles), row):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
