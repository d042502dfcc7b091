"""Where a shot's matte comes from: a screen, rembg, or files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from compositing.colour import Image, Plane, linear_from_srgb, premultiply, srgb_from_linear
from stylize import footage
from stylize.comp.cameras import said
from stylize.comp.scene import Scene
from stylize.errors import FootageError
from stylize.footage.clip import Clip, Pixels, Shot

SAMPLES = 9
"""Frames of a shot that a keyer looks at before it begins."""


@dataclass(frozen=True)
class Keyed:
    """A frame's subject: premultiplied scene-linear light, (H, W, 3), and alpha, (H, W) in [0, 1]."""

    premult: Image
    alpha: Plane

    def on_ground(self, ground: tuple[float, float, float]) -> Pixels:
        """The subject on a flat, display-referred ground: what is drawn."""
        under = linear_from_srgb(np.array([[ground]], np.float32))
        light = self.premult + (1 - self.alpha[..., None]) * under
        return np.clip(srgb_from_linear(light), 0, 1)


class Keying(Protocol):
    """A keyer, ready for the frames of one shot, in any order."""

    def key(self, plate: Pixels, number: int) -> Keyed:
        """The subject of a frame (display-referred RGB, and its number in the clip)."""


def make_keying(scene: Scene, clip: Clip, shot: Shot) -> Keying:
    """The keyer that a scene asks for, having looked through the shot.

    Raises:
        StylizeError: there is no screen, no matte, or a package is missing.
    """
    if scene.key.source == "file":
        return GivenMattes(scene.path(str(scene.key.matte)), clip)
    return ScreenKeying(scene, clip, shot)


def spread_frames(clip: Clip, shot: Shot, most: int = SAMPLES) -> list[Image]:
    """Some of a shot's frames, evenly spread, scene-linear."""
    numbers = np.unique(np.linspace(shot.start, shot.end - 1, min(most, len(shot))).astype(int)).tolist()
    return [linear_from_srgb(frame.pixels) for frame in footage.pick_frames(clip, numbers)]


class ScreenKeying:
    """Keys a screen by the plate that the footage itself shows of it."""

    def __init__(self, scene: Scene, clip: Clip, shot: Shot) -> None:
        from compositing.screen.colour import find_screen
        from compositing.screen.plate import combine

        samples = spread_frames(clip, shot)
        try:
            self._screen = find_screen(samples, scene.key.screen)
        except ValueError as error:
            raise said(error, clip.path) from error
        self._plate, self._known = combine(samples, self._screen)

    def key(self, plate: Pixels, number: int) -> Keyed:
        from compositing.screen.plate import relight

        light = linear_from_srgb(plate)
        clean = relight(light, self._plate, self._known, self._screen)
        kappa = self._screen.difference
        alpha = 1 - np.clip(kappa(light) / np.maximum(kappa(clean), 1e-4), 0, 1)
        alpha = np.clip((alpha - 0.08) / 0.8, 0, 1).astype(np.float32)
        premult = np.maximum(light - premultiply(clean, 1 - alpha), 0)
        return Keyed(premult, alpha)


class GivenMattes:
    """Mattes that somebody else made: one file a frame of the clip, in the clip's order."""

    def __init__(self, pattern: Path, clip: Clip) -> None:
        self._mattes = footage.probe(pattern)
        if (self._mattes.width, self._mattes.height) != (clip.width, clip.height):
            raise FootageError(
                f"The mattes are {self._mattes.width}x{self._mattes.height}, the clip {clip.width}x{clip.height}.",
                where=pattern,
            )
        if self._mattes.frame_count < clip.frame_count:
            raise FootageError(
                f"There are {self._mattes.frame_count} mattes for {clip.frame_count} frames.", where=pattern
            )

    def key(self, plate: Pixels, number: int) -> Keyed:
        matte = next(footage.read_frames(self._mattes, number, number + 1)).pixels
        alpha = np.ascontiguousarray(cv2.cvtColor(matte, cv2.COLOR_RGB2GRAY), np.float32)
        return Keyed(premultiply(linear_from_srgb(plate), alpha), alpha)
