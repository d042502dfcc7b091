"""Paints two keys of the sample clip, one of each shot: python -m examples.keyframes FOLDER"""

import sys
from pathlib import Path

from examples.keyframes.paint import paint_key
from stylize import footage
from stylize.storage.pictures import write_picture

CLIP = Path(__file__).resolve().parents[1] / "sample.mp4"
KEYS = (26, 68)

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for frame in footage.pick_frames(footage.probe(CLIP), list(KEYS)):
        print(write_picture(paint_key(frame.pixels, frame.index), folder / f"{frame.index:06d}.jpg"))
