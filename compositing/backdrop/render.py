"""A backdrop through the plate's own lens: its distortion, its shutter, its aperture."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.backdrop.base import Backdrop
from compositing.backdrop.optics import Optics, confusion_px, defocus
from compositing.camera.record import Camera, View, undistort
from compositing.colour import Image, Plane


def render_backdrop(backdrop: Backdrop, camera: Camera, frame: int, optics: Optics = Optics()) -> Image:
    """A frame of the backdrop as the shot's camera would have shot it: (H, W, 3) float32, scene-linear."""
    moments = _moments(backdrop, camera, frame, optics)
    total: Image | None = None
    for moment in moments:
        light = _through_lens(
            backdrop, camera.view(moment), moment, float(camera.focal_mm[frame]), camera, optics
        )
        total = light if total is None else cv2.add(total, light)
    assert total is not None
    return total if len(moments) == 1 else total * np.float32(1 / len(moments))


class BackdropRenderer:
    """Renders a shot's backdrop; a frame that sees just what the one before saw gets the same picture.

    For backdrops whose picture depends on the view alone: a `PaintedBackdrop` chooses among its pictures by the
    frame's number too. The pictures must not be written to.
    """

    def __init__(self, backdrop: Backdrop, camera: Camera, optics: Optics = Optics()) -> None:
        self._backdrop, self._camera, self._optics = backdrop, camera, optics
        self._held: tuple[list[bytes], Image] | None = None

    def render(self, frame: int) -> Image:
        """As `render_backdrop`."""
        if self._backdrop.moves:
            return render_backdrop(self._backdrop, self._camera, frame, self._optics)
        views = map(self._camera.view, _moments(self._backdrop, self._camera, frame, self._optics))
        seen = [each.tobytes() for view in views for each in (view.world, view.matrix)]
        if self._held is None or self._held[0] != seen:
            self._held = seen, render_backdrop(self._backdrop, self._camera, frame, self._optics)
        return self._held[1]


def _moments(backdrop: Backdrop, camera: Camera, frame: int, optics: Optics) -> list[float]:
    """The moments that a frame is made of."""
    if optics.shutter <= 0 or optics.samples < 2:
        return [float(frame)]
    spread = (np.arange(optics.samples) + 0.5) / optics.samples - 0.5
    moments = [frame + optics.shutter * float(each) for each in spread]
    return [float(frame)] if not backdrop.moves and _still(camera, moments) else moments


def _still(camera: Camera, moments: list[float]) -> bool:
    first, last = camera.view(moments[0]), camera.view(moments[-1])
    return bool(np.array_equal(first.world, last.world) and np.array_equal(first.matrix, last.matrix))


def _through_lens(
    backdrop: Backdrop, view: View, moment: float, focal_mm: float, camera: Camera, optics: Optics
) -> Image:
    if not any(view.distortion):
        light, depth = backdrop.render(view, moment)
        return _focused(light, depth, focal_mm, camera, optics)
    straight, across, down = straight_view(view)
    light, depth = backdrop.render(straight, moment)
    light = _focused(light, depth, focal_mm, camera, optics)
    return cv2.remap(light, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def straight_view(view: View) -> tuple[View, Plane, Plane]:
    """A view without distortion that shows all that `view` sees, and where in it each pixel of `view` looks."""
    width, height = view.size
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    focal, middle = view.matrix.diagonal()[:2], view.matrix[:2, 2]
    flat = (np.stack([x.ravel(), y.ravel()], 1) - middle) / focal
    places = undistort(flat, view.distortion) * focal + middle
    low, high = places.min(axis=0), places.max(axis=0) - (width - 1, height - 1)
    beyond = np.maximum(np.ceil(np.maximum(-low, high)), 0).astype(int) + 1
    margin = (int(beyond[0]), int(beyond[1]))
    size = (width + 2 * margin[0], height + 2 * margin[1])
    across, down = ((places[:, k] + margin[k]).reshape(height, width).astype(np.float32) for k in (0, 1))
    return view.straight.resized(size, margin), across, down


def _focused(light: Image, depth: Plane, focal_mm: float, camera: Camera, optics: Optics) -> Image:
    if optics.f_stop <= 0:
        return light
    blur = confusion_px(depth, focal_mm, optics, camera.pixels_per_mm[0])
    return defocus(light, depth, blur, optics.focus_m)
