"""python -m benchmarks.keyframes.auto CLIP: a film carried from a model's own few drawings, beside the whole run.

What it says of each: drawings made, E_warp x 1000 one and eight frames apart, PSNR of the carried film to the whole
run's, all frames and worst one. Frames stay in --work, so that a second call measures again what changed alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.keyframes.films import finished, warp_errors
from deflicker import metrics
from deflicker.arrays import Image
from stylize import footage
from stylize.config.settings import RunSettings
from stylize.jobs.plan_run import plan_run
from stylize.passes.open_parts import MUCH


def film(clip: Path, work: Path, **asked: Any) -> tuple[list[Image], int]:
    """The finished frames of a run, and how many drawings its model made."""
    job = plan_run(clip, work / "film.mp4", RunSettings(**asked))
    frames = finished(job)
    segment = job.segments[0]
    numbers = [at for shot in segment.shots for at in range(shot.start, shot.end)]
    drawn = sum(segment.store("style").has(at) for at in numbers)
    if asked.get("keys"):
        known = (segment.store("carried").read(at)[..., 3] for at in numbers)
        drawn += sum(float((1 - each).mean()) >= MUCH for each in known)
    return frames, drawn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keyframes.auto", description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--start", default="40f")
    parser.add_argument("--end", default="76f")
    parser.add_argument("--style", default="anime")
    parser.add_argument("--keys", default="auto")
    parser.add_argument("--work", type=Path, required=True, help="a folder for both runs")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    common = {"style": args.style, "start": args.start, "end": args.end, "cadence": "ones"}
    clip = footage.probe(args.clip)
    first = footage.parse_time(args.start, clip)
    films: dict[str, tuple[list[Image], int]] = {}
    for name, more in (("whole", {}), ("keys", {"keys": args.keys})):
        films[name] = film(args.clip, args.work / name, **common, **more)
    count = len(films["whole"][0])
    plates = [each.pixels for each in footage.read_frames(clip, start=first, end=first + count)]
    films["plate"] = (plates, 0)
    for name, (frames, drawn) in films.items():
        errors = warp_errors(frames, plates)
        sharp = np.mean([metrics.sharpness(*each) for each in zip(frames, films["whole"][0], strict=True)])
        print(
            f"{name:6} drawings {drawn:4}  E {errors[0]:6.2f} {errors[1]:6.2f}  sharp {sharp:.2f}", flush=True
        )
    squares = [float(((a - b) ** 2).mean()) for a, b in zip(films["keys"][0], films["whole"][0], strict=True)]
    psnrs = [-10 * np.log10(max(each, 1e-10)) for each in squares]
    worst = int(np.argmin(psnrs))
    mean = -10 * np.log10(max(float(np.mean(squares)), 1e-10))
    print(f"PSNR to the whole run {mean:.2f} dB, worst {psnrs[worst]:.2f} dB at frame {first + worst}")
    sheet = np.hstack([plates[worst], films["whole"][0][worst], films["keys"][0][worst]])
    cv2.imwrite(str(args.work / "worst.png"), np.rint(sheet[..., ::-1] * 255).clip(0, 255))


if __name__ == "__main__":
    main()
