"""The mattes of a scene's shots, by the sources of `stylize.comp.mattes`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from compositing.colour import Image, Plane, linear_from_srgb, srgb_from_linear
from compositing.key.guides import Guides, box_mask
from compositing.key.keyer import KeySettings
from compositing.key.pieces import without_marks
from compositing.matte import Keyed, MatteSource
from stylize.comp.errors import compositing_errors
from stylize.comp.mattes.given import read_matte
from stylize.comp.mattes.source import MatteChoice, make_source
from stylize.comp.scene import Scene
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels, Shot

NEAR = 1
"""A matte's edge is steadied by the frames next to it."""


def make_keying(scene: Scene, clip: Clip, shot: Shot) -> MatteSource:
    """The source of a shot's mattes, having looked through the shot.

    Raises:
        StylizeError: there is no screen, no matte, or a package is missing.
    """
    table = scene.key
    with compositing_errors("the scene's [key]"):
        settings = KeySettings(
            table.screen,
            table.black,
            table.white,
            table.despill,
            table.edge_smoothing,
            table.shadows,
            solid=True,
        )
    named = table.matte == "screen" or table.matte.partition(":")[0] == "rembg"
    source = table.matte if named else str(scene.path(table.matte))
    # A scene may be a stranger's: only the flags of `stylize key` fetch a network.
    choice = MatteChoice(settings, _guides(scene, clip), source, offline=True)
    made = make_source(choice, clip, shot)
    return made if table.matte == "screen" else Solid(made)


@dataclass(frozen=True)
class Solid:
    """Mattes from elsewhere, without what is no subject, as a screen's keyer gives them when it is asked to."""

    source: MatteSource

    def key(self, frames: Iterable[Image], first: int = 0) -> Iterator[Keyed]:
        return map(without_marks, self.source.key(frames, first))


def keyed_frames(
    source: MatteSource,
    shot: Shot,
    numbers: Sequence[int],
    plates: Callable[[Sequence[int]], Iterator[Pixels]],
) -> Iterator[tuple[int, Keyed]]:
    """The keyed frames of these ascending numbers of a shot; those between them are keyed too.

    Args:
        source: the shot's.
        plates: gives frames of the plate, by their ascending numbers.
    """
    read = range(max(shot.start, numbers[0] - NEAR), min(shot.end, numbers[-1] + NEAR + 1))
    wanted, first = set(numbers), read.start - shot.start
    for number, keyed in zip(read, source.key(plates(read), first), strict=True):
        if number in wanted:
            yield number, keyed


def on_ground(keyed: Keyed, ground: tuple[float, float, float]) -> Pixels:
    """The subject on a flat, display-referred ground: what is drawn."""
    under = linear_from_srgb(np.array([[ground]], np.float32))
    light = keyed.premult + (1 - keyed.alpha[..., None]) * under
    return np.clip(srgb_from_linear(light), 0, 1)


def _guides(scene: Scene, clip: Clip) -> Guides:
    table = scene.key
    return Guides(*(_painted(scene, words, clip) for words in (table.core, table.garbage, table.holdout)))


def _painted(scene: Scene, words: tuple[str, ...], clip: Clip) -> Plane | None:
    """The union of boxes (`left,top,right,bottom`) and painted mattes."""
    planes = []
    for word in words:
        try:
            sides = [float(each) for each in word.split(",")]
        except ValueError:
            planes.append(read_matte(scene.path(word), clip))
            continue
        if len(sides) != 4:
            raise UsageError(f"{word!r} is no box: it has four sides, left, top, right and bottom.")
        with compositing_errors("the scene's [key]"):
            planes.append(box_mask([(sides[0], sides[1], sides[2], sides[3])], clip.width, clip.height))
    return np.maximum.reduce(planes) if planes else None
