"""The backdrop as it was drawn, seen by the shot's camera."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from compositing.backdrop import Backdrop, BackdropRenderer, Optics, PaintedBackdrop, render_backdrop
from compositing.colour import Image, Plane, linear_from_srgb
from compositing.merge import line_weight, match_lines
from stylize.comp.resolve import SceneShot
from stylize.comp.scene import Scene
from stylize.footage.clip import Pixels


def drawn_backdrop(
    scene: Scene, scene_shot: SceneShot, picture: Callable[[int], Pixels], subject: tuple[Pixels, Plane]
) -> Callable[[int], Image]:
    """Gives the drawn backdrop at a frame of the shot, scene-linear, (H, W, 3).

    Args:
        picture: gives a drawn picture of the backdrop, display-referred, by its number in the clip.
        subject: a drawing and its matte, by whose lines the backdrop's are matched.
    """
    pen_px = line_weight(subject[0], subject[1]) if scene.merge.lines and scene.backdrop.is_drawn else 0.0

    def light(number: int) -> Image:
        drawn = picture(number)
        return linear_from_srgb(match_lines(drawn, line_weight(drawn), pen_px) if pen_px > 0 else drawn)

    backdrop = _backdrop(scene, scene_shot, light)
    optics = Optics(**scene.optics.model_dump())
    if (
        len(scene_shot.keys) == 1 and not backdrop.moves
    ):  # the same picture wherever the camera looks the same way
        return BackdropRenderer(backdrop, scene_shot.camera, optics).render
    return lambda frame: render_backdrop(backdrop, scene_shot.camera, frame, optics)


def _backdrop(scene: Scene, scene_shot: SceneShot, light: Callable[[int], Image]) -> Backdrop:
    seen = scene_shot.backdrop
    start, last = scene_shot.shot.start, len(scene_shot.shot) - 1
    if seen.moves:
        if not scene.backdrop.is_drawn:
            return seen
        return _Filling(lambda frame: light(start + min(max(round(frame), 0), last)), scene_shot.camera.size)
    if not scene.backdrop.is_drawn and scene.optics.f_stop == 0 and seen.far is False:
        return seen  # nobody drew it: it can be looked at itself
    return PaintedBackdrop(seen, scene_shot.keys, [light(start + key.frame) for key in scene_shot.keys])


class _Filling:
    """Pictures that fill the frame whatever the camera does: a film plate is drawn as the shot's camera sees it."""

    far = True
    moves = True

    def __init__(self, picture: Callable[[float], Image], size: tuple[int, int]) -> None:
        self._picture, self._size = picture, size

    def render(self, view: object, frame: float) -> tuple[Image, Plane]:
        picture = self._picture(frame)
        width, height = getattr(view, "size", self._size)
        if picture.shape[:2] != (height, width):
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        return picture, np.full((height, width), np.inf, np.float32)
