"""The backdrop that a scene names, ready to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from compositing.backdrop import Backdrop, Card, Cards, Panorama, cover
from compositing.camera import Camera
from compositing.colour import Image, linear_from_srgb
from stylize import footage
from stylize.comp.cameras import missing, said
from stylize.comp.pictures import read_light
from stylize.comp.scene import LayerTable, Scene
from stylize.errors import FootageError, MissingPart
from stylize.system.dependencies import install_hint

if TYPE_CHECKING:
    from stylize.footage.clip import Clip


def build_backdrop(scene: Scene, camera: Camera) -> Backdrop:
    """Reads the scene's pictures and puts them where a shot's camera sees them.

    Raises:
        FootageError, MissingPart: what is missing, broken, or cannot be meant.
    """
    table = scene.backdrop
    home = camera.view(0).straight
    if table.kind == "flat":
        red, green, blue = (float(each) for each in linear_from_srgb(np.array(table.colour, np.float32)))
        return Cards((), home, (red, green, blue))
    if table.kind == "layers":
        return Cards(tuple(_layer(scene, each, camera) for each in table.layer), home)
    path = scene.path(str(table.file))
    try:
        match table.kind:
            case "panorama":
                return Panorama(read_light(path)[..., :3], table.heading_deg)
            case "gltf":
                return _set(scene, path)
            case "film":
                plate = FilmPlate(path, camera)
                size = (plate.clip.width, plate.clip.height)
                card = Card(plate, size, table.depth_m or float("inf"), table.scale)
            case _:
                picture = read_light(path)
                size = (picture.shape[1], picture.shape[0])
                card = Card(picture, size, table.depth_m or float("inf"), table.scale)
        return Cards((cover(card, home, camera),), home)
    except ValueError as error:
        raise said(error, path) from error


def backdrop_files(scene: Scene) -> list[Path]:
    """The files that a backdrop is made of, for its fingerprint."""
    if scene.backdrop.kind == "flat":
        return []
    if scene.backdrop.kind == "layers":
        return [scene.path(layer.file) for layer in scene.backdrop.layer]
    path = scene.path(str(scene.backdrop.file))
    if scene.backdrop.kind == "film":
        return list(footage.source_files(footage.probe(path)))
    return [path]


def _layer(scene: Scene, table: LayerTable, camera: Camera) -> Card:
    path = scene.path(table.file)
    picture = read_light(path)
    size = (picture.shape[1], picture.shape[0])
    card = Card(picture, size, table.depth_m or float("inf"), table.scale, table.shift)
    try:
        return cover(card, camera.view(0).straight, camera) if table.cover else card
    except ValueError as error:
        raise said(error, path) from error


def _set(scene: Scene, path: Path) -> Backdrop:
    try:
        from compositing.backdrop.gltf import read_gltf
        from compositing.backdrop.stage import Stage, check_opengl
    except ImportError as error:
        raise MissingPart(
            f"A glTF set needs the package {error.name}.",
            where=path,
            hint=install_hint("camera"),
        ) from error
    table = scene.backdrop
    try:
        check_opengl()  # the set is drawn much later: what is missing is told now
        return Stage(
            read_gltf(path),
            position=table.position,
            heading_deg=table.heading_deg,
            scale=table.scale,
            sun=table.sun,
            sun_strength=table.sun_strength,
            sky=table.sky,
        )
    except ImportError as error:
        raise missing(error, path) from error


class FilmPlate:
    """A film as a backdrop's picture: its frame at each of the shot's times, read forwards as long as asked so.

    Raises:
        FootageError: the film is shorter than the shot.
    """

    def __init__(self, path: Path, camera: Camera) -> None:
        self.clip: Clip = footage.probe(path)
        self._rate = self.clip.rate / camera.fps
        last = int((len(camera) - 1) * self._rate)
        if last >= self.clip.frame_count:
            raise FootageError(
                f"The backdrop has {self.clip.frame_count} frames at {float(self.clip.rate):.6g} a second; "
                f"the shot needs {last + 1}.",
                where=path,
                hint="give a longer film, or a still",
            )
        self._frames: Iterator[Image] = iter(())
        self._next = -1
        self._held: tuple[int, Image | None] = (-1, None)

    def __call__(self, frame: float) -> Image:
        number = min(int(max(frame, 0) * self._rate), self.clip.frame_count - 1)
        if self._held[0] != number or self._held[1] is None:
            if number != self._next:
                self._frames = (each.pixels for each in footage.read_frames(self.clip, number))
            light = linear_from_srgb(next(self._frames))
            self._next, self._held = number + 1, (number, light)
            return light
        return self._held[1]
