"""The drawn subject cut out of its ground, where the camera carries it: what is merged, or handed on."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.backdrop import Card
from compositing.camera import Camera
from compositing.colour import Image, Plane
from compositing.merge import Silhouette, follow_silhouette
from stylize.footage.clip import Pixels


def cut_drawing(
    drawn: Pixels, matte: Plane, silhouette: Silhouette, camera: Camera, *, at: int, shown: int, away_m: float
) -> tuple[Image, Plane]:
    """The drawing's own light, premultiplied and scene-linear, (H, W, 3), and its alpha, (H, W).

    Args:
        drawn: the subject on its flat ground, display-referred.
        matte: the plate's alpha.
        silhouette: how alpha follows the drawing's edge.
        camera: the shot's.
        at, shown: frames of the shot: the one that the drawing belongs to, and the one that shows it. A held
            drawing is carried along with the camera.
        away_m: how far from the camera the subject stands.
    """
    light, alpha = follow_silhouette(drawn, matte, silhouette)
    home, view = camera.view(at).straight, camera.view(shown).straight
    if np.array_equal(home.world, view.world) and np.array_equal(home.matrix, view.matrix):
        return light, alpha
    onto = Card(light, camera.size, depth_m=away_m).seen_by(home, view)
    moved = cv2.warpPerspective(np.dstack([light, alpha]), onto, camera.size, flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(moved[..., :3]), np.ascontiguousarray(moved[..., 3])
