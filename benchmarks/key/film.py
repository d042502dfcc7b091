"""Rendered shots through a camera: noise, transfer, 4:2:0 and a codec, with the truth beside them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.key.screen import Cloth, Screen
from benchmarks.key.subject import Look, Performer
from compositing.colour import Image, Plane, srgb_from_linear
from stylize.footage import Clip, Frame, probe, read_frames, write_film


@dataclass(frozen=True)
class Scene:
    """One shot of the benchmark, with everything that makes it hard."""

    name: str
    cloth: Cloth
    look: Look
    pan: float = 0.0
    """How far the camera pans over the shot, in widths."""
    exposure: float = 1.0
    noise: float = 0.006
    """Standard deviation of sensor noise in linear light at mid grey."""
    spill: float = 0.06
    shadow: float = 0.25
    frames: int = 8
    start: float = 0.0


@dataclass
class Film:
    """A rendered shot: the plate as it comes from the codec, and the truth.

    `plate` holds display-referred RGB in [0, 1]; `premult`, `alpha` and `screens` scene-linear truth: the
    foreground without spill, its alpha, and what the camera would see without the performer.
    """

    scene: Scene
    path: Path
    plate: list[Image] = field(default_factory=list)
    premult: list[Image] = field(default_factory=list)
    alpha: list[Plane] = field(default_factory=list)
    screens: list[Image] = field(default_factory=list)


def render(scene: Scene, folder: Path, width: int = 480, height: int = 272) -> Film:
    """Renders a scene into `folder`, codes it as H.264, and reads it back."""
    film = Film(scene, folder / f"{scene.name}.mp4")
    performer = Performer(scene.look, width, height)
    screen = Screen(scene.cloth, width, height)
    rng = np.random.default_rng(scene.look.seed * 1000 + scene.cloth.seed)
    shots: list[Image] = []
    for t in range(scene.frames):
        premult, alpha = performer.frame(scene.start + t)
        along = t / max(1, scene.frames - 1) - 0.5
        wall = screen.frame(
            t, (along * scene.pan * width, along * scene.pan * 0.15 * height), along * scene.pan * 0.1
        )
        wall = wall * cast_shadow(alpha, scene.shadow)[..., None]
        light = premult + _spill(alpha, wall, scene.spill) + (1 - alpha[..., None]) * wall
        light = light * np.float32(scene.exposure)
        film.premult.append(premult * np.float32(scene.exposure))
        film.alpha.append(alpha)
        film.screens.append(wall * np.float32(scene.exposure))
        deviation = scene.noise * np.sqrt(np.maximum(light, 0.002) / 0.18)
        light = light + deviation * rng.normal(0, 1, light.shape).astype(np.float32)
        shots.append(np.clip(srgb_from_linear(light.astype(np.float32)), 0, 1))
    _through_codec(film, shots)
    return film


def cast_shadow(alpha: Plane, depth: float) -> Plane:
    """What the performer's soft shadow leaves of the screen's light: to the right and below."""
    rows, columns = alpha.shape
    moved = cv2.warpAffine(
        alpha, np.array([[1, 0, columns * 0.07], [0, 1, rows * 0.04]], np.float32), (columns, rows)
    )
    return 1 - np.float32(depth) * cv2.GaussianBlur(moved, (0, 0), rows / 25)


def _spill(alpha: Plane, wall: Image, amount: float) -> Image:
    """Light of the screen on the performer: everywhere a little, most near the edges."""
    inside = cv2.GaussianBlur(alpha, (0, 0), alpha.shape[0] / 60)
    glow = cv2.GaussianBlur(wall, (0, 0), alpha.shape[0] / 8)
    return glow * (np.float32(amount) * alpha * (0.4 + 1.6 * (1 - inside)))[..., None]


def _through_codec(film: Film, shots: list[Image]) -> None:
    rows, columns = shots[0].shape[:2]
    clip = Clip(film.path, columns, rows, Fraction(24), Fraction(1, 24), len(shots))
    frames = (Frame(index, index, pixels) for index, pixels in enumerate(shots))
    write_film(frames, film.path, clip, audio=False, overwrite=True)
    film.plate.extend(frame.pixels for frame in read_frames(probe(film.path)))


def render_all(scenes: list[Scene], width: int = 480, height: int = 272) -> list[Film]:
    """All scenes; their coded films lie in a temporary folder that the process leaves to the system."""
    folder = Path(tempfile.mkdtemp(prefix="key-"))
    return [render(scene, folder, width, height) for scene in scenes]
