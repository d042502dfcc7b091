"""One shot's comp: a drawn subject, its matte and the drawn backdrop become a frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import cv2
import numpy as np

from compositing.backdrop import Backdrop, Optics, PaintedBackdrop, render_backdrop
from compositing.colour import Image, Plane, linear_from_srgb
from compositing.merge import MergeSettings, Silhouette, line_weight, match_lines, merge_subject
from compositing.overlays import OverlayContext, read_overlay
from stylize.comp.cel import cut_drawing
from stylize.comp.plan import Take
from stylize.comp.scene import Scene
from stylize.footage.clip import Pixels


class Compositor:
    """Makes the frames of one shot.

    Args:
        scene: how.
        take: the shot's camera and backdrop.
        painted: gives a picture of the backdrop, display-referred, by its number in the clip.
        subject: a drawing and its matte, by whose lines the backdrop's are matched.
    """

    def __init__(
        self, scene: Scene, take: Take, painted: Callable[[int], Pixels], subject: tuple[Pixels, Plane]
    ) -> None:
        self.scene, self.take, self._painted = scene, take, painted
        self._pen_px = line_weight(subject[0], subject[1]) if scene.merge.lines else 0.0
        self._overlays = [read_overlay(table) for table in scene.overlay]
        table = scene.merge.model_dump(exclude={"lines", "reach_px", "match_grain"})
        self._merge = MergeSettings(**table)
        self._optics = Optics(**scene.optics.model_dump())
        self._silhouette = Silhouette(reach_px=scene.merge.reach_px)

    def comp(self, number: int, drawn: Pixels, matte: Pixels, drawn_at: int) -> Image:
        """A frame of the film, scene-linear.

        Args:
            number: of the frame, in the clip.
            drawn: the subject as it was drawn on its ground, display-referred.
            matte: its alpha, and in blue what the shadows on the screen leave of its light.
            drawn_at: the frame that the drawing belongs to: a held one is carried along with the camera.
        """
        frame = number - self.take.shot.start
        alpha, shadow = (np.ascontiguousarray(matte[..., channel]) for channel in (0, 2))
        light, alpha = cut_drawing(
            drawn,
            alpha,
            self._silhouette,
            self.take.camera,
            at=drawn_at - self.take.shot.start,
            shown=frame,
            away_m=self.scene.camera.distance_m,
        )
        back = render_backdrop(self._backdrop, self.take.camera, frame, self._optics)
        picture = merge_subject(light, alpha, back, self._merge, frame=frame, shadow=shadow)
        moment = OverlayContext(frame, alpha, self.take.camera.view(frame))
        for overlay in self._overlays:
            picture = overlay.apply(picture, moment)
        return picture

    @cached_property
    def _backdrop(self) -> Backdrop:
        """The backdrop as it was drawn."""
        take, scene = self.take, self.scene
        if take.backdrop.moves:
            return self._film()
        pictures = [self._light(take.shot.start + key.frame) for key in take.keys]
        if not scene.backdrop.is_drawn and scene.optics.f_stop == 0 and take.backdrop.far is False:
            return take.backdrop  # nobody drew it: it can be looked at itself
        return PaintedBackdrop(take.backdrop, take.keys, pictures)

    def _film(self) -> Backdrop:
        """A film plate whose drawn frames fill the picture: they were drawn as the shot's camera sees them."""
        take = self.take
        size = take.camera.size

        def shown(frame: float) -> Image:
            last = len(take.shot) - 1
            return self._light(take.shot.start + min(max(round(frame), 0), last))

        return _Standing(shown, size) if self.scene.backdrop.is_drawn else take.backdrop

    def _light(self, number: int) -> Image:
        picture = self._painted(number)
        if self._pen_px > 0 and self.scene.backdrop.is_drawn:
            picture = match_lines(picture, line_weight(picture), self._pen_px)
        return linear_from_srgb(picture)


class _Standing:
    """Pictures that fill the frame whatever the camera does."""

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
