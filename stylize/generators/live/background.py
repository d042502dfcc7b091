"""What is behind the person in a live view: blurred, or replaced by a picture or a colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from compositing.colour import linear_from_srgb, srgb_from_linear
from compositing.errors import CompositingError
from compositing.screen.colour import ScreenColour, display_colour, find_screen
from stylize.comp.errors import compositing_errors
from stylize.comp.mattes.neural import NeuralMattes
from stylize.comp.pictures import read_light
from stylize.errors import UsageError
from stylize.footage.clip import Pixels

BLUR = "blur"
SCREEN, REMBG = "screen", "rembg"
LIVE_NETWORK = "u2netp"
"""rembg's smallest network."""
BLUR_SHARE = 1 / 40
"""Sigma of the background's blur, as a share of the picture's height."""
MATTE_ROWS = 320
"""Height at which a screen is keyed, px: its edge is brought up along the plate's."""
LOWEST, HIGHEST = 0.15, 0.85
"""Alphas of the screen's key that become 0 and 1: an uneven screen is not quite clear."""


class LiveMatte(Protocol):
    """Where the person is: alpha (H, W) in [0, 1] of a plate, float32 RGB in [0, 1]."""

    def matte(self, coded: Pixels) -> Pixels: ...


@dataclass
class ScreenMatte:
    """The colour-difference key of a screen, whose colour is found in the first picture.

    Args:
        screen: `auto`, `green`, `blue` or `#rrggbb`.
    """

    screen: str = "auto"
    _colour: ScreenColour | None = None

    def matte(self, coded: Pixels) -> Pixels:
        height, width = coded.shape[:2]
        scale = min(1.0, MATTE_ROWS / height)
        small = cv2.resize(coded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        light = linear_from_srgb(np.ascontiguousarray(small, np.float32))
        if self._colour is None:
            with compositing_errors("--matte"):
                self._colour = find_screen([light], self.screen)
        difference = self._colour.difference
        clear = np.full_like(light, np.asarray(self._colour.rgb, np.float32))
        # A darker part of the screen is still screen: compare at the pixel's own brightness.
        own = light.sum(axis=2, keepdims=True) / max(sum(self._colour.rgb), 1e-4)
        alpha = difference.matte(light, clear * own)
        alpha = np.clip((alpha - LOWEST) / (HIGHEST - LOWEST), 0, 1)
        return np.asarray(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def make_matte(name: str, offline: bool = False) -> LiveMatte:
    """The source of mattes that `--matte` names: `screen`, `screen:COLOUR`, `rembg` or `rembg:MODEL`.

    Raises:
        UsageError: another word. MissingPart: rembg or its network is not there.
    """
    kind, _, more = name.partition(":")
    if kind == SCREEN:
        return ScreenMatte(more or "auto")
    if kind == REMBG:
        return NeuralMattes(more or LIVE_NETWORK, offline=offline)
    raise UsageError(
        f"There is no matte {name!r}.", where="--matte", hint="screen, screen:#00ff00, rembg or rembg:MODEL"
    )


@dataclass
class LiveBackdrop:
    """The drawing where the person is, `behind` elsewhere.

    `behind` makes it from the drawing, at the drawing's size.
    """

    source: LiveMatte
    behind: Callable[[Pixels], Pixels]

    def put_behind(self, plate: Pixels, drawing: Pixels) -> Pixels:
        """The merged picture.

        Args:
            plate, drawing: (H, W, 3) float32 RGB in [0, 1], of one size.
        """
        alpha = self.source.matte(plate)[..., None]
        back = self.behind(drawing)
        return back + alpha * (drawing - back)


def make_backdrop(what: str, matte: str, offline: bool = False) -> LiveBackdrop:
    """What `--background` asks for: `blur`, a colour `#rrggbb`, or a picture's path.

    Raises:
        UsageError: it is none of these. MissingPart: rembg or its network is not there.
    """
    return LiveBackdrop(make_matte(matte, offline), _behind(what))


def _behind(what: str) -> Callable[[Pixels], Pixels]:
    if what == BLUR:
        return blurred
    if what.startswith("#"):
        try:
            colour = np.array(display_colour(what), np.float32)
        except CompositingError as error:
            raise UsageError(str(error), where="--background", hint="write #rrggbb") from error
        return lambda drawing: np.broadcast_to(colour, drawing.shape)
    return Behind(np.clip(srgb_from_linear(read_light(Path(what))[..., :3]), 0, 1))


def blurred(drawing: Pixels) -> Pixels:
    """The drawing out of focus."""
    small = cv2.resize(drawing, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.5, drawing.shape[0] * BLUR_SHARE / 4))
    return np.asarray(
        cv2.resize(soft, (drawing.shape[1], drawing.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32
    )


@dataclass
class Behind:
    """A picture that covers the view, its middle kept."""

    picture: Pixels
    _fitted: Pixels | None = None

    def __call__(self, drawing: Pixels) -> Pixels:
        if self._fitted is None or self._fitted.shape != drawing.shape:
            self._fitted = cover(self.picture, drawing.shape[1], drawing.shape[0])
        return self._fitted


def cover(picture: Pixels, width: int, height: int) -> Pixels:
    """The picture at the size that covers (height, width), what juts out cut off on both sides."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    size = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = np.clip(cv2.resize(picture, size, interpolation=how), 0, 1)
    y, x = (size[1] - height) // 2, (size[0] - width) // 2
    return np.ascontiguousarray(large[y : y + height, x : x + width], np.float32)
