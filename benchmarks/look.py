"""How near the bundled checkpoint draws to the truth, on rendered scenes that it never saw.

    scripts/bench look [--scenes 40] [--size 192] [--checkpoint NAME]

Each scene is rendered as a photograph and as a drawing; the model sees the photograph. The table gives the
peak signal-to-noise ratio to the drawn truth (RGB), of the photograph itself and of the model by steps, the
largest difference of mean colour between channels (a cast), and seconds a frame.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from benchmarks.measure.hardware import hardware_line
from stylize.diffusion.painter import Painter
from stylize.footage.clip import Pixels, Shot
from stylize.look import decide_look
from stylize.settings import read_settings
from training.base.scenes import Attributes, render_pair

HELD_OUT = 1_000_003
"""A seed that no training uses: those draw from small ones."""


def psnr(guess: Pixels, truth: Pixels) -> float:
    """Peak signal-to-noise ratio in dB of pictures in [0, 1]."""
    return float(-10 * np.log10(np.mean((guess - truth) ** 2)))


def cast(guess: Pixels, truth: Pixels) -> float:
    """The largest difference of mean error between two channels, in levels of 255."""
    error = (guess - truth).mean(axis=(0, 1))
    return float(error.max() - error.min()) * 255


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--checkpoint", default="mini")
    options = parser.parse_args()
    plain = Attributes()
    scenes = range(options.scenes)
    pairs = [render_pair(np.random.default_rng((HELD_OUT, n)), options.size, plain) for n in scenes]
    rows = [("the photograph itself", [pair.photo for pair in pairs], 0.0)]
    for steps in (1, 2, 4):
        settings = read_settings(model=options.checkpoint, steps=steps, prompt=plain.caption(), strength=1.0)
        painter = Painter.load(decide_look(settings))
        began = time.perf_counter()
        drawn = [
            painter.draw([pair.photo], [n], Shot(n, n + 1))[0] for n, pair in zip(scenes, pairs, strict=True)
        ]
        rows.append((f"{steps} steps", drawn, (time.perf_counter() - began) / len(pairs)))
    print(hardware_line())
    print("\n| | PSNR dB | cast, levels | s a frame |\n|-|-|-|-|")
    for name, pictures, seconds in rows:
        quality = np.mean([psnr(guess, pair.drawn) for guess, pair in zip(pictures, pairs, strict=True)])
        tint = np.mean([cast(guess, pair.drawn) for guess, pair in zip(pictures, pairs, strict=True)])
        print(f"| {name} | {quality:.2f} | {tint:.1f} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
