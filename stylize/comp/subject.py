"""The drawn subject cut out of its ground, where the camera carries it: what is merged, or handed on."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.backdrop import Card
from compositing.colour import Image, Plane
from compositing.merge import Silhouette, follow_silhouette
from stylize.comp.resolve import SceneShot
from stylize.comp.scene import Scene
from stylize.footage.clip import Pixels


def cut_drawing(
    scene: Scene, scene_shot: SceneShot, drawn: Pixels, matte: Plane, *, drawn_at: int, shown_at: int
) -> tuple[Image, Plane]:
    """The drawing's own light, premultiplied and scene-linear, (H, W, 3), and its alpha, (H, W).

    Args:
        scene: says how alpha follows the drawing's edge, and how far from the camera the subject stands.
        scene_shot: the shot, and its camera.
        drawn: the subject on its flat ground, display-referred.
        matte: the plate's alpha.
        drawn_at, shown_at: frames of the clip: the one that the drawing belongs to, and the one that shows it. A
            held drawing is carried along with the camera.
    """
    camera, start = scene_shot.camera, scene_shot.shot.start
    light, alpha = follow_silhouette(drawn, matte, Silhouette(reach_px=scene.merge.reach_px))
    home, view = (camera.view(number - start).straight for number in (drawn_at, shown_at))
    if np.array_equal(home.world, view.world) and np.array_equal(home.matrix, view.matrix):
        return light, alpha
    onto = Card(light, camera.size, depth_m=scene.camera.distance_m).seen_by(home, view)
    moved = cv2.warpPerspective(np.dstack([light, alpha]), onto, camera.size, flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(moved[..., :3]), np.ascontiguousarray(moved[..., 3])
