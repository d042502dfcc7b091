"""Which colour the screen has: found in the footage, or picked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, linear_from_srgb, srgb_from_linear
from compositing.errors import InvalidSetting, NoScreen
from compositing.key.difference import RGB, Difference

SIDE = 160
"""Frames are searched at this many rows."""
SATURATED = 0.3
"""The share of a pixel's largest channel that must stand above the least, for it to be a screen."""
LEAST = 0.03
"""The share of the picture that a screen takes at least."""
NEAR = 0.14
"""How far chromaticities (square roots of the shares of R, G, B) vary within one screen, whatever its light."""
CHANNELS = {"green": 1, "blue": 2}


@dataclass(frozen=True)
class ScreenColour:
    """The screen's typical colour, scene-linear RGB, and the colour difference that keys it."""

    rgb: RGB
    difference: Difference

    @property
    def name(self) -> str:
        return "green" if self.difference.channel == 1 else "blue"

    @property
    def hex(self) -> str:
        """Its display-referred value, `#rrggbb`."""
        codes = np.clip(srgb_from_linear(np.array(self.rgb, np.float32)), 0, 1)
        return "#" + "".join(f"{round(255 * float(code)):02x}" for code in codes)

    def closeness(self, light: Image) -> NDArray[np.float32]:
        """How near each pixel's chromaticity lies to the screen's: 1 the same, 0 at `NEAR` or further."""
        return np.clip(1 - _distance(light, self.rgb) / NEAR, 0, 1).astype(np.float32)


def find_screen(frames: Iterable[Image], wanted: str = "auto") -> ScreenColour:
    """The screen's colour in some frames of a shot.

    Args:
        frames: scene-linear RGB, (height, width, 3); a handful spread over the shot.
        wanted: `auto`, `green`, `blue`, or a picked colour as `#rrggbb` (display-referred).

    Raises:
        NoScreen: no colour of that kind covers enough of the frames.
        InvalidSetting: `wanted` is none of these.
    """
    pixels = np.concatenate([_sampled(frame) for frame in frames])
    if wanted.startswith("#"):
        picked = parse_colour(wanted)
        return ScreenColour(picked, _difference(picked, pixels))
    if wanted not in ("auto", *CHANNELS):
        raise InvalidSetting(f"A screen is auto, green, blue or #rrggbb, not {wanted!r}.")
    channels = list(CHANNELS.values()) if wanted == "auto" else [CHANNELS[wanted]]
    found = [_mode(pixels, channel) for channel in channels]
    share, rgb = max(found, key=lambda each: each[0])
    if share < LEAST:
        kind = "green or blue" if wanted == "auto" else wanted
        raise NoScreen(f"No {kind} screen is in this shot: such a colour covers {100 * share:.1f} % of it.")
    return ScreenColour(rgb, _difference(rgb, pixels))


def parse_colour(text: str) -> RGB:
    """Scene-linear RGB of a display-referred `#rrggbb`.

    Raises:
        InvalidSetting: it is not written so.
    """
    red, green, blue = (float(v) for v in linear_from_srgb(np.array(display_colour(text), np.float32)))
    return red, green, blue


def display_colour(text: str) -> RGB:
    """Display-referred RGB of `#rrggbb`, each part in [0, 1].

    Raises:
        InvalidSetting: it is not written so.
    """
    digits = text.removeprefix("#")
    if len(digits) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise InvalidSetting(f"A colour is written #rrggbb, not {text!r}.")
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _sampled(frame: Image) -> NDArray[np.float32]:
    scale = min(1.0, SIDE / frame.shape[0])
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small.reshape(-1, 3), np.float32)


def _mode(pixels: NDArray[np.float32], channel: int) -> tuple[float, RGB]:
    """The commonest saturated chromaticity whose screen channel leads, or all but leads; and its share."""
    high, low = pixels.max(axis=1), pixels.min(axis=1)
    # A yellow-green wall has as much red as green, so its channel need not lead by much.
    leads = pixels[:, channel] > 0.8 * high
    fit = leads & (high > 0.01) & (high - low > SATURATED * high)
    if channel == CHANNELS["blue"]:
        fit &= pixels[:, 2] > 1.15 * pixels[:, 1]
    if not fit.any():
        return 0.0, (0.0, 0.0, 0.0)
    chosen = pixels[fit]
    shares = np.sqrt(chosen / chosen.sum(axis=1, keepdims=True))
    counts, reds, blues = np.histogram2d(shares[:, 0], shares[:, 2], bins=48, range=[[0, 1], [0, 1]])
    counts = cv2.GaussianBlur(counts.astype(np.float32), (0, 0), 1.0)
    red, blue = np.unravel_index(int(counts.argmax()), counts.shape)
    centre = np.array([(reds[red] + reds[red + 1]) / 2, (blues[blue] + blues[blue + 1]) / 2])
    near = np.hypot(shares[:, 0] - centre[0], shares[:, 2] - centre[1]) < NEAR / 2
    colour = np.median(chosen[near], axis=0) if near.any() else np.zeros(3)
    return float(near.sum() / len(pixels)), (float(colour[0]), float(colour[1]), float(colour[2]))


def _difference(rgb: RGB, pixels: NDArray[np.float32]) -> Difference:
    """The weights under which what is far from the screen's colour keeps least of it."""
    channel = 1 if rgb[1] >= rgb[2] else 2
    far = pixels[_distance(pixels, rgb) > 2 * NEAR]
    best, least = Difference(channel), np.inf
    for weight in np.linspace(0.1, 0.9, 9):
        difference = Difference(channel, float(weight))
        own = difference.of(rgb)
        if own <= 0.15 * max(rgb):
            continue
        left = np.maximum(far @ np.array(difference.row, np.float32), 0) / own
        # A weight away from the middle must earn it: it makes the key noisier.
        cost = float(np.minimum(left, 1).mean() if len(left) else 0) + 0.02 * abs(float(weight) - 0.5)
        if cost < least:
            best, least = difference, cost
    return best


def _distance(light: NDArray[np.float32], rgb: RGB) -> NDArray[np.float32]:
    total = np.maximum(light.sum(axis=-1, keepdims=True), 1e-4)
    own = np.sqrt(np.asarray(rgb, np.float32) / max(sum(rgb), 1e-4))
    return np.asarray(np.linalg.norm(np.sqrt(np.maximum(light, 0) / total) - own, axis=-1), np.float32)
