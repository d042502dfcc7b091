"""The alpha of a clip's frames, which its film keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from stylize.footage.alpha import Plane, cover_of_light, scaled_to, stored_alpha
from stylize.footage.clip import Clip
from stylize.footage.decoder import read_pictures
from stylize.footage.picture import upright
from stylize.footage.read_still import decode_still, is_read_as_photograph
from stylize.footage.sequence import source_files


@dataclass(frozen=True)
class Cutout:
    """What is to be seen of a frame, both (height, width) in [0, 1].

    Attributes:
        alpha: what it hides of what lies behind it.
        cover: how much of its straight colours it shows: more than its alpha where light of OpenEXR shines through.
    """

    alpha: Plane
    cover: Plane

    def scaled_to(self, shape: tuple[int, ...]) -> Cutout:
        """The same at another (height, width)."""
        alpha = scaled_to(self.alpha, shape)
        return Cutout(alpha, alpha if self.cover is self.alpha else scaled_to(self.cover, shape))


def read_cutouts(clip: Clip, numbers: Sequence[int]) -> Iterator[Cutout]:
    """As `read_alpha`, with the cover."""
    if clip.codec != "exr":
        for alpha in read_alpha(clip, numbers):
            yield Cutout(alpha, alpha)
        return
    from stylize.footage.exr import read_light

    files = source_files(clip)
    for number, group in groupby(numbers):
        light, stated, _ = read_light(files[number])
        whole = _opaque(clip)
        cutout = Cutout(whole, whole) if stated is None else Cutout(stated, cover_of_light(light, stated))
        yield from (cutout for _ in group)


def read_alpha(clip: Clip, numbers: Sequence[int]) -> Iterator[Plane]:
    """The alpha of these frames, upright float32 (height, width) in [0, 1]; 1 in a frame that has none.

    Args:
        numbers: ascending; a number may come several times in a row.

    Raises:
        FootageError: a frame is damaged or missing.
    """
    counts = [(number, len(list(group))) for number, group in groupby(numbers)]
    planes = _of_files(clip, [number for number, _ in counts]) if clip.lies_in_pictures else None
    if planes is None:
        planes = _of_film(clip, [number for number, _ in counts])
    for (_, count), plane in zip(counts, planes, strict=True):
        for _ in range(count):
            yield plane


def _of_film(clip: Clip, numbers: list[int]) -> Iterator[Plane]:
    wanted = frozenset(numbers)
    for index, picture in read_pictures(clip, numbers[0], numbers[-1] + 1):
        if index in wanted:
            alpha = stored_alpha(picture)
            yield _opaque(clip) if alpha is None else upright(alpha, clip.rotation, clip.mirrored)


def _of_files(clip: Clip, numbers: list[int]) -> Iterator[Plane]:
    files = source_files(clip)
    for number in numbers:
        alpha = _of_file(files[number], clip)
        yield _opaque(clip) if alpha is None else alpha


def _of_file(path: Path, clip: Clip) -> Plane | None:
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import read_stated_alpha

        return read_stated_alpha(path)
    if clip.is_still or is_read_as_photograph(path):
        from stylize.footage.photograph import read_photograph

        return read_photograph(path).alpha
    alpha = stored_alpha(decode_still(path))
    return None if alpha is None else upright(alpha, clip.rotation, clip.mirrored)


def _opaque(clip: Clip) -> Plane:
    return np.ones((clip.height, clip.width), np.float32)
