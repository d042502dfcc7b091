"""`python -m examples.greenscreen OUT.mp4`: render the plate; with --truth, her matte and the empty stage too."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from compositing.camera.formats.record import write_record
from examples.greenscreen.film import RATE, Shot
from examples.greenscreen.stage import Stage
from stylize import footage
from stylize.footage.write_stills import write_png


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.greenscreen", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.mp4")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--samples", type=int, choices=range(1, 5), default=2, help="sub-frames a frame")
    parser.add_argument("--truth", type=Path, metavar="DIR", help="write the true mattes and camera there")
    asked = parser.parse_args(arguments)
    shot = Shot(asked.width, asked.height, asked.frames, asked.samples)
    stage = Stage.build()
    if asked.truth is not None:
        asked.truth.mkdir(parents=True, exist_ok=True)
        write_record(shot.camera(), asked.truth / "camera.json")

    def frames() -> Iterator[footage.Frame]:
        began = time.monotonic()
        for number in range(shot.frames):
            plate, person, _ = shot.render(stage, number)
            if asked.truth is not None:
                write_png(asked.truth / f"matte.{number:06d}.png", person[..., 3:].repeat(3, axis=2), 16)
            print(
                f"\rframe {number + 1}/{shot.frames}, {time.monotonic() - began:.0f} s",
                end="",
                file=sys.stderr,
            )
            yield footage.Frame(number, number, plate)

    clip = footage.Clip(asked.out, shot.width, shot.height, Fraction(RATE), Fraction(1, RATE), shot.frames)
    footage.write_film(frames(), asked.out, clip, audio=False, overwrite=True)
    print(f"\n{asked.out}: {asked.out.stat().st_size / 1e6:.2f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
