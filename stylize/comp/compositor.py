"""Merges the frames of one shot: a subject before its backdrop, and the overlays over both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from compositing.backdrop import BackdropRenderer, Optics
from compositing.colour import Image, Plane
from compositing.merge import MergeSettings, merge_subject
from compositing.overlays import OverlayContext, read_overlay
from stylize.comp.resolve import SceneShot
from stylize.comp.scene import Scene


class Compositor:
    """Makes the frames of one shot.

    Args:
        scene: how.
        scene_shot: the shot's camera and backdrop.
        backdrop_at: gives the backdrop as the camera sees it at a frame of the shot, scene-linear, (H, W, 3).
        back_grain: the plate's grain, to be laid on a backdrop that nobody drew; None for none.
    """

    def __init__(
        self,
        scene: Scene,
        scene_shot: SceneShot,
        backdrop_at: Callable[[int], Image],
        back_grain: float | None = None,
    ) -> None:
        self.scene_shot = scene_shot
        self._backdrop_at = backdrop_at
        self._overlays = [read_overlay(table) for table in scene.overlay]
        settings = MergeSettings(**scene.merge.model_dump(exclude={"lines", "reach_px", "match_grain"}))
        self._settings = settings if back_grain is None else replace(settings, back_grain=back_grain)

    def merged(self, number: int, light: Image, alpha: Plane, shadow: Plane | None) -> Image:
        """A frame of the film, scene-linear, (H, W, 3).

        Args:
            number: of the frame, in the clip.
            light: the subject's own, scene-linear, premultiplied, (H, W, 3).
            alpha: the subject's, (H, W) in [0, 1].
            shadow: what the shadows on the screen leave of the backdrop's light, (H, W); None for all of it.
        """
        frame = number - self.scene_shot.shot.start
        back = self._backdrop_at(frame)
        picture = merge_subject(light, alpha, back, self._settings, frame=frame, shadow=shadow)
        moment = OverlayContext(frame, alpha, self.scene_shot.camera.view(frame))
        for overlay in self._overlays:
            picture = overlay.apply(picture, moment)
        return picture


def undrawn_backdrop(scene: Scene, scene_shot: SceneShot) -> Callable[[int], Image]:
    """The backdrop as it is, seen by the shot's camera."""
    optics = Optics(**scene.optics.model_dump())
    return BackdropRenderer(scene_shot.backdrop, scene_shot.camera, optics).render
