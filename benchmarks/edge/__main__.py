"""python -m benchmarks.edge CLIP: exports of a checkpoint beside torch, in speed, distance, size and memory.

`speed`: one frame end to end, all runtimes in turn, the median of the rounds. `taef2`: a real autoencoder that is
not ours. `sd15`: the full Stable Diffusion 1.5 with a ControlNet, random weights, down the whole road.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.edge import sd15, speed, taef2


def main() -> None:
    from benchmarks.measure.hardware import hardware_line

    parser = argparse.ArgumentParser(prog="python -m benchmarks.edge", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    fast = commands.add_parser("speed")
    fast.add_argument("clip", type=Path)
    fast.add_argument("--model", default="mini")
    fast.add_argument("--side", type=int, default=512)
    fast.add_argument("--steps", type=int, default=4)
    fast.add_argument("--rounds", type=int, default=5)
    small = commands.add_parser("taef2")
    small.add_argument("decoder", type=Path)
    small.add_argument("clip", type=Path)
    small.add_argument("--encoder", type=Path, required=True)
    full = commands.add_parser("sd15")
    full.add_argument("--target", default="w8")
    full.add_argument("--side", type=int, default=512)
    full.add_argument("--calibrate", type=Path, help="footage; targets with narrow activations need some")
    args = parser.parse_args()
    print(f"{hardware_line()}\n", flush=True)
    rows = {
        "speed": lambda: speed.table(args.clip, args.model, args.side, args.steps, args.rounds),
        "taef2": lambda: taef2.table(args.encoder, args.decoder, args.clip),
        "sd15": lambda: sd15.table(args.target, args.side, args.calibrate),
    }[args.what]()
    for row in rows:
        print(row, flush=True)


if __name__ == "__main__":
    main()
