"""The mattes of a scene's shots, by the sources of `stylize.mattes`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from compositing.colour import Plane, linear_from_srgb, premultiply, srgb_from_linear
from compositing.key.guides import Guides, box_mask
from compositing.key.keyer import KeySettings
from compositing.matte import Keyed, MatteSource
from stylize.comp.scene import Scene
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.mattes.given import read_matte
from stylize.mattes.source import MatteChoice, make_source

if TYPE_CHECKING:
    from stylize.passes.base import Inputs

FAINT, WHOLE, SOLID = 0.06, 0.9, 1 / 90
NEAR = 1
"""A matte's edge is steadied by the frames next to it."""


def make_keying(scene: Scene, clip: Clip, shot: Shot) -> MatteSource:
    """The source of a shot's mattes, having looked through the shot.

    Raises:
        StylizeError: there is no screen, no matte, or a package is missing.
    """
    table = scene.key
    try:
        settings = KeySettings(
            table.screen, table.black, table.white, table.despill, table.steady, table.shadows
        )
    except ValueError as error:
        raise UsageError(str(error), where="the scene's [key]") from error
    named = table.matte == "screen" or table.matte.partition(":")[0] == "rembg"
    source = table.matte if named else str(scene.path(table.matte))
    return make_source(MatteChoice(settings, _guides(scene, clip), source), clip, shot)


def keyed_frames(
    source: MatteSource, shot: Shot, numbers: Sequence[int], inputs: Inputs
) -> Iterator[tuple[int, Keyed]]:
    """The keyed frames of these ascending numbers of a shot; those between them are looked at too."""
    read = range(max(shot.start, numbers[0] - NEAR), min(shot.end, numbers[-1] + NEAR + 1))
    wanted, first = set(numbers), read.start - shot.start
    for number, keyed in zip(read, source.key(inputs.sources(read), first), strict=True):
        if number in wanted:
            yield number, without_marks(keyed)


def without_marks(keyed: Keyed) -> Keyed:
    """The subject without what stands apart from it and has no solid middle: tracking marks, dust, seams.

    A piece of the matte is kept where a patch of it, `SOLID` of the picture's height wide, is whole.
    """
    alpha = keyed.alpha
    side = max(3, round(SOLID * alpha.shape[0]))
    there = (alpha > FAINT).astype(np.uint8)
    # Marks beside the subject hang on it by a thread of noise: it is cut first, and grown back afterwards.
    opened = cv2.morphologyEx(there, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    whole = cv2.erode((alpha > WHOLE).astype(np.uint8), np.ones((side, side), np.uint8))
    count, labels = cv2.connectedComponents(opened, connectivity=8)
    kept = np.zeros(count, np.uint8)
    kept[labels[whole > 0]] = 1
    kept[0] = 0
    near = kept[labels]
    mask = cv2.dilate(near, np.ones((3, 3), np.uint8)).astype(np.float32)
    return replace(keyed, premult=premultiply(keyed.premult, mask), alpha=alpha * mask)


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
        try:
            planes.append(box_mask([(sides[0], sides[1], sides[2], sides[3])], clip.width, clip.height))
        except ValueError as error:
            raise UsageError(str(error), where="the scene's [key]") from error
    return np.maximum.reduce(planes) if planes else None
