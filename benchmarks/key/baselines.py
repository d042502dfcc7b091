"""What everybody has: ffmpeg's chromakey, image-based keying, PyMatting. Each is given its best chance.

Every baseline is told the true screen colour. The image-based keyer with a plate is given the plate that our
own keyer makes; thresholds are chosen on the training shots; ffmpeg's chromakey runs with 25 settings, and in
every shot the one with the least error stands in the table. A baseline returns mattes and premultiplied linear
foregrounds, one a frame.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from benchmarks.key.film import Film
from compositing.colour import Image, Plane, linear_from_srgb, premultiply, srgb_from_linear
from stylize.footage import ffmpeg_binary

Keyed = tuple[list[Plane], list[Image]]
SIMILARITIES = (0.06, 0.1, 0.14, 0.18, 0.22)
BLENDS = (0.0, 0.03, 0.07, 0.12, 0.2)


def true_colour(film: Film) -> np.ndarray:
    """The mean of the shot's clean screen, scene-linear RGB."""
    return np.mean([screen.reshape(-1, 3).mean(axis=0) for screen in film.screens], axis=0)


def chromakey(film: Film) -> Keyed:
    """ffmpeg's chromakey, the best of 25 settings by MAD, with its despill on the plate."""
    mattes = min(_chromakeyed(film), key=lambda each: _mad(each, film.alpha))
    channel = int(np.argmax(true_colour(film)))
    return mattes, [
        premultiply(_averaged(linear_from_srgb(p), channel), a)
        for p, a in zip(film.plate, mattes, strict=True)
    ]


def _chromakeyed(film: Film) -> Iterator[list[Plane]]:
    red, green, blue = (round(255 * v) for v in srgb_from_linear(true_colour(film).astype(np.float32)))
    for similarity in SIMILARITIES:
        for blend in BLENDS:
            colour = f"0x{red:02x}{green:02x}{blue:02x}"
            filters = f"chromakey={colour}:{similarity}:{blend},format=yuva420p,alphaextract"
            command = [ffmpeg_binary(), "-loglevel", "error", "-i", str(film.path), "-vf", filters]
            done = subprocess.run(
                [*command, "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True
            )
            codes = np.frombuffer(done.stdout, np.uint8).reshape(len(film.plate), *film.alpha[0].shape)
            yield [np.asarray(frame, np.float32) / 255 for frame in codes]


def _mad(mattes: Sequence[Plane], truth: Sequence[Plane]) -> float:
    return float(np.mean([np.abs(a - b).mean() for a, b in zip(mattes, truth, strict=True)]))


def ibk(film: Film, screens: Sequence[Image], clip: tuple[float, float]) -> Keyed:
    """Colour-difference keying against a plate a frame: matte clipped, screen subtracted, despilled."""
    channel = int(np.argmax(true_colour(film)))
    mattes, premults = [], []
    for plate, screen in zip(film.plate, screens, strict=True):
        light = linear_from_srgb(plate)
        alpha = np.clip(1 - _excess(light, channel) / np.maximum(_excess(screen, channel), 1e-3), 0, 1)
        alpha = np.clip((alpha - clip[0]) / (clip[1] - clip[0]), 0, 1).astype(np.float32)
        mattes.append(alpha)
        subtracted = np.maximum(light - (1 - alpha[..., None]) * screen, 0)
        premults.append(_averaged(subtracted, channel))
    return mattes, premults


def one_colour(film: Film) -> list[Image]:
    """A plate that is the true mean colour everywhere."""
    return [np.full_like(film.plate[0], true_colour(film))] * len(film.plate)


def closed_form(film: Film, screens: Sequence[Image]) -> Keyed:
    """PyMatting: closed-form alpha from a trimap of the image-based key, multilevel foreground."""
    from pymatting import estimate_alpha_cf, estimate_foreground_ml

    mattes, premults = [], []
    rough, _ = ibk(film, screens, (0.0, 1.0))
    for plate, guess in zip(film.plate, rough, strict=True):
        trimap = np.full_like(guess, 0.5)
        kernel = np.ones((3, 3), np.uint8)
        trimap[cv2.erode((guess > 0.85).astype(np.uint8), kernel) > 0] = 1
        trimap[cv2.erode((guess < 0.08).astype(np.uint8), kernel) > 0] = 0
        alpha = np.asarray(estimate_alpha_cf(plate.astype(np.float64), trimap.astype(np.float64)), np.float32)
        mattes.append(alpha)
        colour = estimate_foreground_ml(linear_from_srgb(plate).astype(np.float64), alpha.astype(np.float64))
        premults.append(premultiply(np.asarray(colour, np.float32), alpha))
    return mattes, premults


def _excess(light: Image, channel: int) -> Plane:
    """How much the screen's channel stands over the mean of the others."""
    return light[..., channel] - 0.5 * (light.sum(axis=2) - light[..., channel])


def _averaged(light: Image, channel: int) -> Image:
    """Average despill: the screen's channel never above the mean of the others."""
    out = light.copy()
    out[..., channel] -= np.maximum(_excess(light, channel), 0)
    return out
