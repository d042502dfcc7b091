"""Prepares pairs of real pictures and their classical drawings.

Photographs come from scikit-image and from folders of pictures, film frames from folders of clips. A drawing takes
two to four seconds, so each is made once, and a training only crops it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.photograph import read_photograph
from training.base.classical import draw_classical
from training.base.pair_folder import missing_pairs, pair_path, write_pairs

Picture = NDArray[np.float32]

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "stereo_motorcycle", "brick", "grass", "gravel")
"""The photographs that ship inside scikit-image (public domain and CC0)."""
SHORT_SIDES = (288, 352, 384, 448)
"""Short sides at which pictures are drawn, px: lines are as wide in a small picture as in a large one."""
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def photographs(names: Sequence[str] = PHOTOGRAPHS) -> Iterator[Picture]:
    """Photographs that ship inside scikit-image, (H, W, 3) float32 RGB in [0, 1]."""
    import skimage.data

    for name in names:
        picture = getattr(skimage.data, name)()
        if isinstance(picture, tuple):
            picture = picture[0]
        if picture.ndim == 2:
            picture = np.repeat(picture[..., None], 3, axis=2)
        yield picture[..., :3].astype(np.float32) / 255


def pictures_in(folder: Path) -> Iterator[Picture]:
    """Every JPEG, PNG and WebP of a folder as it is shown, in the order of their names.

    Raises:
        FootageError: one of them does not decode.
    """
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        yield read_photograph(path).on(1.0)


def film_frames(folder: Path, leave_out: frozenset[str], per_clip: int = 60) -> Iterator[Picture]:
    """Up to `per_clip` frames of every clip in a folder, evenly spaced; black ones are left out.

    Args:
        leave_out: names of clips, without .mp4, that are not used.
    """
    from stylize.footage import probe, read_frames

    for path in sorted(folder.rglob("*.mp4")):
        if path.stem in leave_out:
            continue
        clip = probe(path)
        every = max(1, clip.frame_count // per_clip, int(clip.rate) // 6)
        for frame in read_frames(clip):
            if frame.index % every == 0 and frame.pixels.std() > 0.05:
                yield frame.pixels


def write_real_pairs(
    pictures: Iterator[Picture],
    out: Path,
    seed: int = 0,
    processes: int = 1,
    on_written: Callable[[int], None] = lambda count: None,
) -> int:
    """Draws every picture at one of `SHORT_SIDES`; pairs that are there already are kept.

    The pictures are shuffled, so that the first pairs are of all kinds.

    Args:
        processes, on_written: see `write_pairs`.

    Returns:
        How many pairs lie in `out`.
    """
    rng = np.random.default_rng(seed)
    small = [_at_short_side(picture, int(rng.choice(SHORT_SIDES))) for picture in pictures]
    order = rng.permutation(len(small))
    tasks = ((number, small[order[number]]) for number in missing_pairs(out, len(small)))
    origin = {"kind": "real", "seed": seed}
    write_pairs(out, len(small), origin, tasks, functools.partial(_draw, out), processes, on_written)
    return len(small)


def _draw(out: Path, task: tuple[int, NDArray[np.uint8]]) -> int:
    number, levels = task
    draw_classical(np.divide(levels, 255, dtype=np.float32)).write(pair_path(out, number))
    return number


def _at_short_side(picture: Picture, short: int) -> NDArray[np.uint8]:
    scale = min(1.0, short / min(picture.shape[:2]))
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
