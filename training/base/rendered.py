"""Rendered pairs, prepared once and kept on disk.

    python -m training.base.rendered OUT --count 4000 [--size 160] [--seed 0]

Each pair depends on (seed, number) alone, so a longer set begins with the shorter one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from training.base.scenes import render_pair


def prepare(out: Path, count: int, size: int = 160, seed: int = 0, start: int = 0) -> None:
    """Renders the pairs `start` to `count` as 8-bit PNG, photo left and drawing right, and their captions."""
    out.mkdir(parents=True, exist_ok=True)
    listing = out / "captions.json"
    captions: dict[str, str] = json.loads(listing.read_text()) if listing.exists() else {}
    for number in range(start, count):
        name = f"{number:06d}.png"
        if name in captions and (out / name).exists():
            continue
        pair = render_pair(np.random.default_rng((seed, number)), size)
        both = np.concatenate([pair.photo, pair.drawn], axis=1)[..., ::-1]
        cv2.imwrite(str(out / name), np.rint(np.clip(both, 0, 1) * 255).astype(np.uint8))
        captions[name] = pair.caption
        if number % 100 == 99 or number == count - 1:
            listing.write_text(json.dumps(captions))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--size", type=int, default=160, help="side of the pictures, px; training crops them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0)
    options = parser.parse_args()
    prepare(options.out, options.count, options.size, options.seed, options.start)


if __name__ == "__main__":
    main()
