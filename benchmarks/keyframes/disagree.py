"""python -m benchmarks.keyframes.disagree CLIP: a film whose drawings disagree, carried from those that agree best.

Stretches of 6 to 10 frames are drawn with another seed, weight of the style and palette each, as by a model that
invents hair and cloth anew. The film is then made by `stylize steady --keys auto`, and by `stylize steady` without
keys, to compare. Told of each: E_warp x 1000 one and eight frames apart, and sharpness against the drawings,
palettes left aside. What was drawn stays in --work.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.keyframes.films import finished, warp_errors
from deflicker import metrics
from deflicker.arrays import Image
from deflicker.keyframes.palette import fitted
from stylize import footage
from stylize.config.settings import RunSettings
from stylize.jobs.plan_run import plan_run
from stylize.jobs.plan_steadying import plan_steadying
from stylize.storage.pictures import write_picture

STRETCH = (6, 10)
STRENGTHS = (0.55, 1.0)
TINT, SATURATION, GAMMA = 0.08, (0.75, 1.25), (0.85, 1.2)
"""By how much a stretch's channels, saturation and tones differ from the drawing, at most."""


def palette(rng: np.random.Generator) -> Callable[[Image], Image]:
    """Another tint, saturation and tone."""
    tint = rng.uniform(1 - TINT, 1 + TINT, 3).astype(np.float32)
    saturation, gamma = np.float32(rng.uniform(*SATURATION)), np.float32(rng.uniform(*GAMMA))

    def change(picture: Image) -> Image:
        grey = picture.mean(axis=2, keepdims=True)
        return np.asarray(np.clip((grey + saturation * (picture - grey)) * tint, 0, 1) ** gamma, np.float32)

    return change


def write_disagreeing(clip: footage.Clip, first: int, count: int, style: str, work: Path) -> None:
    """The film, as `drawn/000000.png` and on, in stretches that disagree."""
    rng = np.random.default_rng(1)
    (work / "drawn").mkdir(parents=True)
    at = 0
    while at < count:
        end = min(at + int(rng.integers(STRETCH[0], STRETCH[1] + 1)), count)
        settings = RunSettings(
            style=style,
            seed=int(rng.integers(1000)),
            strength=float(rng.uniform(*STRENGTHS)),
            start=f"{first + at}f",
            end=f"{first + end}f",
            cadence="ones",
            deflicker=0,
            repair="off",
            faces="off",
        )
        change = palette(rng)
        drawn = finished(plan_run(clip.path, work / f"stretch-{at}.mp4", settings))
        for number, picture in enumerate(drawn, at):
            write_picture(change(picture), work / "drawn" / f"{number:06d}.png")
        at = end


def sharpness(frame: Image, drawing: Image) -> float:
    """Against the drawing in the frame's colours: a paler palette is not a softer picture."""
    everywhere = np.ones(frame.shape[:2], np.float32)
    return metrics.sharpness(frame, fitted(drawing, frame, everywhere).applied(drawing))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keyframes.disagree", description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--start", default="0f")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--style", default="anime")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the films")
    args = parser.parse_args()
    clip = footage.probe(args.clip)
    first = footage.parse_time(args.start, clip)
    if not (args.work / "drawn").is_dir():
        write_disagreeing(clip, first, args.frames, args.style, args.work)
    sequence = args.work / "drawn" / "%06d.png"
    drawn = [each.pixels for each in footage.read_frames(footage.probe(sequence))]
    count = len(drawn)
    plates = [each.pixels for each in footage.read_frames(clip, start=first, end=first + count)]
    films: dict[str, list[Image]] = {"plate": plates, "drawn": drawn}
    span = {"start": f"{first}f", "end": f"{first + count}f"}
    for name, more in (("steadied", {}), ("carried", {"keys": "auto"})):
        settings = RunSettings(**span, **more)
        job = plan_steadying(sequence, args.clip, args.work / f"{name}.mp4", settings)
        films[name] = finished(job)
        for note in job.notes:
            print(name, note)
    for name, frames in films.items():
        errors = warp_errors(frames, plates)
        sharp = np.mean([sharpness(*each) for each in zip(frames, drawn, strict=True)])
        print(f"{name:9} E {errors[0]:6.2f} {errors[1]:6.2f}  sharp {sharp:.2f}", flush=True)
    for at in range(0, count, 8):
        write_picture(np.hstack([frames[at] for frames in films.values()]), args.work / f"sheet-{at:03d}.png")


if __name__ == "__main__":
    main()
