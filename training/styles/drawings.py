"""Forty drawings by one of the draughtsmen, in a folder, as anyone's drawings would lie there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from stylize.errors import UsageError
from stylize.report.side_by_side import write_picture
from training.base.scenes import render_cels
from training.base.scenes.camera import Camera
from training.styles.artists import ARTISTS
from training.styles.layers import Layers
from training.styles.surface import Picture

SIZE_PX = 256
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "stereo_motorcycle")
"""scikit-image's own photographs (public domain and CC0) that are drawn beside the rendered scenes."""


def write_drawings(
    style: str,
    out: Path,
    count: int = 40,
    seed: int = 0,
    sources: bool = True,
    tell: Callable[[int], None] = lambda done: None,
) -> int:
    """Draws `count` scenes in a style, as PNG.

    Args:
        out: the folder; drawings of the same names are replaced.
        seed: other seeds draw other scenes.
        sources: also write what each was drawn from, as NAME.source.png.
        tell: hears how many are done.

    Raises:
        UsageError: nobody draws in this style.
    """
    if style not in ARTISTS:
        raise UsageError(f"Nobody here draws {style!r}.", hint=f"there are: {', '.join(sorted(ARTISTS))}")
    out.mkdir(parents=True, exist_ok=True)
    for number, layers in enumerate(scenes(count, seed)):
        picture = ARTISTS[style](layers, np.random.default_rng((seed, number, 1)))
        write_picture(picture, out / f"{number:03d}.png")
        if sources:
            rng = np.random.default_rng((seed, number, 2))
            seen = Camera.draw(rng).record(layers.photo, rng)
            write_picture(np.asarray(seen, np.float32), out / f"{number:03d}.source.png")
        tell(number + 1)
    return count


def scenes(count: int, seed: int) -> Iterator[Layers]:
    """Layers of rendered scenes; the first seed's begin with scikit-image's photographs."""
    first = photographs() if seed == 0 else iter(())
    for number in range(count):
        photo = next(first, None)
        yield photo or Layers.of(render_cels(np.random.default_rng((seed, number)), SIZE_PX))


def photographs() -> Iterator[Layers]:
    """scikit-image's photographs as layers, by the classical drawing of `training.base`."""
    import skimage.data

    for name in PHOTOGRAPHS:
        picture = getattr(skimage.data, name)()
        picture = picture[0] if isinstance(picture, tuple) else picture
        yield layers_of(_at_short_side(picture[..., :3].astype(np.float32) / 255, SIZE_PX))


def layers_of(photo: Picture) -> Layers:
    """Paint and ink of a real picture."""
    from training.base.classical import draw

    return Layers.of(draw(photo))


def _at_short_side(picture: Picture, short: int) -> Picture:
    scale = short / min(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 1).astype(np.float32)
