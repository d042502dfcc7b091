"""Writes a folder of drawings by one of the drawing programs, laid out as anyone's drawings are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from stylize.errors import UsageError
from stylize.footage.outfile import make_folder
from stylize.storage.pictures import write_picture
from training.base.classical import draw_classical
from training.base.real_pairs import photographs
from training.base.scenes import render_cels
from training.base.scenes.camera import Camera
from training.styles.drawing_programs import DRAWING_PROGRAMS
from training.styles.picture_ops import Picture
from training.styles.scene_layers import SceneLayers

SIZE_PX = 256
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "stereo_motorcycle")
"""Photographs that ship inside scikit-image (public domain and CC0), drawn beside the rendered scenes."""


def write_drawings(
    style: str,
    out: Path,
    count: int = 40,
    seed: int = 0,
    sources: bool = True,
    on_written: Callable[[int], None] = lambda count: None,
) -> int:
    """Draws `count` scenes in a style, as PNG.

    Args:
        out: the folder; drawings of the same names are replaced.
        seed: other seeds draw other scenes.
        sources: also write what each was drawn from, as NAME.source.png.
        on_written: called after each drawing with how many are there.

    Raises:
        UsageError: there is no program for this style.
    """
    if style not in DRAWING_PROGRAMS:
        known = ", ".join(sorted(DRAWING_PROGRAMS))
        raise UsageError(f"There is no program that draws {style!r}.", hint=f"there are: {known}")
    make_folder(out)
    for number, layers in enumerate(scenes(count, seed)):
        picture = DRAWING_PROGRAMS[style](layers, np.random.default_rng((seed, number, 1)))
        write_picture(picture, out / f"{number:03d}.png")
        if sources:
            rng = np.random.default_rng((seed, number, 2))
            seen = Camera.draw(rng).record(layers.photo, rng)
            write_picture(np.asarray(seen, np.float32), out / f"{number:03d}.source.png")
        on_written(number + 1)
    return count


def scenes(count: int, seed: int) -> Iterator[SceneLayers]:
    """Layers of rendered scenes; those of seed 0 begin with scikit-image's photographs."""
    photos = photographs(PHOTOGRAPHS) if seed == 0 else iter(())
    for number in range(count):
        photo = next(photos, None)
        if photo is not None:
            yield layers_of(_at_short_side(photo, SIZE_PX))
        else:
            yield SceneLayers.of(render_cels(np.random.default_rng((seed, number)), SIZE_PX))


def layers_of(photo: Picture) -> SceneLayers:
    """Paint and ink of a real picture, by the classical drawing of `training.base`."""
    return SceneLayers.of(draw_classical(photo))


def _at_short_side(picture: Picture, short: int) -> Picture:
    scale = short / min(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 1).astype(np.float32)
