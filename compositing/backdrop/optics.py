"""A backdrop through the plate's own lens: its distortion, its shutter, its aperture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.backdrop.base import Backdrop
from compositing.camera.record import Camera, View, undistort
from compositing.colour import Image, Plane

RINGS = 7
"""Widths of blur that depth of field is made of."""


@dataclass(frozen=True)
class Optics:
    """What a lens and a shutter do.

    Attributes:
        shutter: the part of a frame's time that it is open, centred on the frame: .5 is 180 degrees; 0 is off.
        samples: moments that a blurred frame is made of.
        f_stop: 0 is a pinhole: everything is sharp.
        focus_m: where it is sharp.
    """

    shutter: float = 0.0
    samples: int = 8
    f_stop: float = 0.0
    focus_m: float = 4.0


def look(backdrop: Backdrop, camera: Camera, frame: int, optics: Optics = Optics()) -> Image:
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


class Lookout:
    """A shot's backdrop as its camera sees it: what stands still before a camera that does is looked at once.

    For backdrops that hang on the view alone: a `Painted` one chooses among its pictures by the frame's number too.
    The pictures must not be written to.
    """

    def __init__(self, backdrop: Backdrop, camera: Camera, optics: Optics = Optics()) -> None:
        self._backdrop, self._camera, self._optics = backdrop, camera, optics
        self._held: tuple[list[bytes], Image] | None = None

    def at(self, frame: int) -> Image:
        """As `look`."""
        if self._backdrop.moves:
            return look(self._backdrop, self._camera, frame, self._optics)
        views = map(self._camera.view, _moments(self._backdrop, self._camera, frame, self._optics))
        seen = [each.tobytes() for view in views for each in (view.world, view.matrix)]
        if self._held is None or self._held[0] != seen:
            self._held = seen, look(self._backdrop, self._camera, frame, self._optics)
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


def confusion_px(depth: Plane, focal_mm: float, optics: Optics, pixels_per_mm: float) -> Plane:
    """The diameter, px, of the disc that a point at `depth` (metres) becomes, by a thin lens."""
    focus_mm = max(1000 * optics.focus_m, 1.5 * focal_mm)
    aperture_mm = focal_mm / optics.f_stop
    away = np.abs(1 - focus_mm / np.maximum(1000 * depth.astype(np.float64), 1.0))
    return np.asarray(away * aperture_mm * focal_mm / (focus_mm - focal_mm) * pixels_per_mm, np.float32)


def defocus(light: Image, depth: Plane, blur: Plane, focus_m: float) -> Image:
    """Discs of many widths, laid from the back to the front, so that what is sharp stays sharp beside what is not.

    Args:
        light: (H, W, 3) float32, scene-linear.
        depth: (H, W) metres.
        blur: the discs' diameters, (H, W) px.
        focus_m: what is nearer than this covers what it blurs over.
    """
    widest = float(np.percentile(blur, 99.5))
    if widest < 0.7:
        return light
    signed = np.where(depth > focus_m, blur, -blur)
    edges = np.linspace(0, 1, RINGS + 1) ** 1.5 * widest
    steps = np.concatenate([-edges[::-1], edges[1:]])
    result, covered = light.copy(), False
    for low, high in zip(
        steps[-2::-1], steps[:0:-1], strict=True
    ):  # the farthest behind the focus comes first
        first, last = not covered, low == steps[0]
        part = ((signed > low) | last) & ((signed <= high) | first)
        if not part.any():
            continue
        mask = part.astype(np.float32)
        disc = _disc(abs(low + high) / 2)
        premult = cv2.multiply(light, cv2.merge([mask] * 3))
        if disc is not None:
            premult, mask = (
                cv2.filter2D(each, -1, disc, borderType=cv2.BORDER_REPLICATE) for each in (premult, mask)
            )
        if not covered:
            full = cv2.merge([np.maximum(mask, np.float32(1e-3))] * 3)
            result = np.where(mask[..., None] > 1e-3, cv2.divide(premult, full), result)
            covered = True
        else:
            result = cv2.add(premult, cv2.multiply(result, cv2.merge([1 - np.clip(mask, 0, 1)] * 3)))
    return np.asarray(result, np.float32)


def _disc(diameter: float) -> Plane | None:
    if diameter < 0.7:
        return None
    reach = int(np.ceil(diameter / 2))
    x = np.arange(-reach, reach + 1, dtype=np.float32)
    distance = np.hypot(x, x[:, None])
    disc = np.clip(np.float32(diameter / 2 + 0.5) - distance, 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)
