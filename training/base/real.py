"""Real frames and their classical drawings, prepared once and kept on disk.

Photographs come from scikit-image; film frames from any folder of clips. The drawings are slow (two to
four seconds each), so they are made here and only cropped while training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.base.classical import Drawing, draw

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "stereo_motorcycle", "brick", "grass", "gravel")
"""The photographs that ship inside scikit-image (public domain and CC0)."""
SHORT_SIDES = (288, 352, 384, 448)
"""Working sizes at which frames are drawn, px: a line is as wide in a small picture as in a large one."""


@dataclass(frozen=True)
class RealPair:
    """A photograph (H, W, 3) float32 RGB in [0, 1] and its drawing."""

    photo: NDArray[np.float32]
    drawing: Drawing


def photographs() -> Iterator[NDArray[np.float32]]:
    """scikit-image's own photographs, float32 RGB in [0, 1]."""
    import skimage.data

    for name in PHOTOGRAPHS:
        picture = getattr(skimage.data, name)()
        if isinstance(picture, tuple):
            picture = picture[0]
        if picture.ndim == 2:
            picture = np.repeat(picture[..., None], 3, axis=2)
        yield picture[..., :3].astype(np.float32) / 255


def film_frames(folder: Path, leave_out: frozenset[str], per_clip: int = 60) -> Iterator[NDArray[np.float32]]:
    """Up to `per_clip` frames of every clip in a folder, evenly spaced, black ones passed over."""
    from stylize.footage import probe, read_frames

    for path in sorted(folder.rglob("*.mp4")):
        if path.stem in leave_out:
            continue
        clip = probe(path)
        every = max(1, clip.frame_count // per_clip, int(clip.rate) // 6)
        for frame in read_frames(clip):
            if frame.index % every == 0 and frame.pixels.std() > 0.05:
                yield frame.pixels


def prepare(
    pictures: Iterator[NDArray[np.float32]],
    out: Path,
    seed: int = 0,
    tell: Callable[[int], None] = lambda done: None,
) -> int:
    """Draws every picture at one of the working sizes and keeps photo, paint and paper as 8-bit PNG.

    `tell` hears how many are done.

    Returns:
        How many pairs lie in `out`; those that were there already are kept.
    """
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, picture in enumerate(pictures, start=1):
        short = int(rng.choice(SHORT_SIDES))
        done = out / f"{count:04d}.png"
        if done.exists():
            tell(count)
            continue
        photo = _at_short_side(picture, short)
        drawing = draw(photo)
        paper = np.repeat(drawing.paper[..., None], 3, axis=2)
        stack = np.concatenate([photo, drawing.paint, paper], axis=0)
        tmp = done.with_name(f".{done.name}.tmp.png")
        cv2.imwrite(str(tmp), (np.clip(stack[..., ::-1], 0, 1) * 255).round().astype(np.uint8))
        tmp.replace(done)
        tell(count)
    return count


def load(folder: Path) -> list[NDArray[np.uint8]]:
    """Every prepared pair as (3, H, W, 3) uint8 RGB: photo, paint, paper."""
    pairs = []
    for path in sorted(folder.glob("[0-9]*.png")):
        stack = read_rgb(path)
        pairs.append(stack.reshape(3, stack.shape[0] // 3, stack.shape[1], 3))
    return pairs


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """A prepared picture, (H, W, 3) uint8 RGB.

    Raises:
        ValueError: it is not there or does not decode.
    """
    stored = cv2.imread(str(path))
    if stored is None:
        raise ValueError(f"{path} is missing or broken: prepare the pairs again.")
    return np.asarray(cv2.cvtColor(stored, cv2.COLOR_BGR2RGB), np.uint8)


def _at_short_side(picture: NDArray[np.float32], short: int) -> NDArray[np.float32]:
    scale = min(1.0, short / min(picture.shape[:2]))
    if scale == 1.0:
        return picture
    return np.clip(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), 0, 1)
