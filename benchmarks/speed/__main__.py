"""python -m benchmarks.speed CLIP: the main job beside the loop that most people write with diffusers.

Both draw the first frames of the clip from the same checkpoint, ControlNet, prompt, noise and size. Once the loop
has our steps and guidance, and how far the drawings lie apart is told; once it has the defaults of its pipeline.
Ours is the whole of `stylize run`, with its start, repairs, ink and steadying. The loop decodes, draws, enlarges
and encodes, and its start is told apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.measure.job import run_job
from benchmarks.sd15 import alone
from benchmarks.speed.ours import Ours, draw_ours, resolved
from benchmarks.speed.stock import Taken, Work, run_stock
from deflicker.metrics import psnr

EXAMPLE = Path(__file__).parents[2] / "examples/sample.mp4"
STOCK_STEPS, STOCK_GUIDANCE, STOCK_STRENGTH = 50, 7.5, 0.8
"""The defaults of diffusers' pipeline."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("clip", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("--model", default="mini", help="SD 1.x with the style's ControlNet")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--few", type=int, default=2, help="frames with the pipeline's own defaults")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    options = ["--model", args.model, "--size", str(args.size), "--device", args.device]
    config = alone(resolved, args.model, args.size, args.device)
    print(f"{args.clip.name}, {args.frames} frames, drawn at {args.size}, on {args.device}\n")
    with tempfile.TemporaryDirectory(prefix="speed-") as place:
        out = Path(place) / "film.mp4"
        equal = Work(args.clip, args.frames, config, config.steps, config.guidance, config.strength)
        theirs: Taken = alone(run_stock, equal, out)
        ours: Ours = alone(draw_ours, args.clip, args.frames, args.model, args.size, args.device)
        began = time.perf_counter()
        job = run_job(args.clip, out, [*options, "--end", f"{args.frames}f"])
        whole_s = (time.perf_counter() - began) / args.frames
        default = Work(args.clip, args.few, config, STOCK_STEPS, STOCK_GUIDANCE, STOCK_STRENGTH)
        slow: Taken = alone(run_stock, default, out)
    print("| | s a frame | processor s a frame | times as fast: equal steps | own defaults |")
    print("|-|-|-|-|-|")
    for name, taken in (
        (f"diffusers, {config.steps} steps", theirs),
        (f"diffusers' defaults, {STOCK_STEPS} steps", slow),
    ):
        print(f"| {name} (start {taken.start_s:.1f} s) | {taken.frame_s:.3f} | {taken.frame_cpu_s:.3f} | | |")
    for name, wall, cpu in (
        ("ours, the drawing alone", ours.draw_s, ours.draw_cpu_s),
        ("ours, the whole run", whole_s, job.cpu_s / args.frames),
    ):
        print(
            f"| {name} | {wall:.3f} | {cpu:.3f} | {theirs.frame_s / wall:.2f} | {slow.frame_s / wall:.2f} |"
        )
    near = [psnr(*pair) for pair in zip(ours.drawings, theirs.drawings, strict=True)]
    print(f"\nDrawings at equal steps lie {min(near):.1f} to {max(near):.1f} dB apart.")
    share = theirs.unet_flop / theirs.unet_s / theirs.peak_flop_s
    print(
        f"diffusers' networks: {theirs.unet_flop / 1e9:.0f} GFLOP a frame in {theirs.unet_s:.3f} s, "
        f"{share:.0%} of the {theirs.peak_flop_s / 1e9:.0f} GFLOP/s of a product of matrices."
    )


if __name__ == "__main__":
    main()
