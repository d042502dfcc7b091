"""A sheet of a keyed clip: python -m examples.key_sheet CLIP OUT.jpg FRAME [FRAME ...]

Beside each frame its matte, and the subject before a backdrop of the opposite colour, where no fringe can hide.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from compositing.colour import over, srgb_from_linear
from compositing.key.guides import Guides
from compositing.key.keyer import KeySettings
from stylize import footage
from stylize.comp.mattes.source import MatteChoice, screen_keyer

WIDTH = 340
"""Of one picture, px."""


def main(clip: Path, out: Path, numbers: list[int]) -> None:
    plate = footage.probe(clip)
    shot = footage.Shot(0, plate.frame_count)
    keyer = screen_keyer(MatteChoice(KeySettings(), Guides()), plate, shot)
    opposite = np.clip(0.5 - np.array(keyer.colour.rgb, np.float32), 0.05, 0.45)
    rows = []
    for number in numbers:
        around = sorted({max(0, number - 1), number, min(plate.frame_count - 1, number + 1)})
        seen = {frame.index: frame.pixels for frame in footage.pick_frames(plate, around)}
        keyed = keyer.key_frame(seen[number], [seen[each] for each in around if each != number])
        comp = over(keyed.premult, keyed.alpha, np.full_like(keyed.premult, opposite))
        matte = np.repeat(keyed.alpha[..., None], 3, axis=2)
        rows.append(np.hstack([seen[number], matte, np.clip(srgb_from_linear(comp), 0, 1)]))
    sheet = np.vstack(rows)
    scale = 3 * WIDTH / sheet.shape[1]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    codes = np.rint(np.clip(cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=how), 0, 1) * 255)
    if not cv2.imwrite(str(out), codes.astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise SystemExit(f"{out} cannot be written")
    print(out)


if __name__ == "__main__":
    source, target, *frames = sys.argv[1:]
    main(Path(source), Path(target), [int(frame) for frame in frames])
