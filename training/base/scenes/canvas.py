"""The canvas that the layers of a scene are painted on, back to front, as maps of colour, light and shadow.

Deferred shading: each visible pixel keeps its base colours, how it is lit, the shadow on it, and its layer's
number. `photo_and_drawing.photograph` multiplies these maps. `photo_and_drawing.drawing` divides each layer into
flat tones by the same light, and gives each tone the mean colour that the photograph has there, so that drawings
have no colour cast.
"""

from __future__ import annotations

import cv2
import numpy as np

from . import noise
from .layer import Bump, Layer, Stroke, Texture
from .light import Light
from .shapes import ribbon
from .strands import hair_shade

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
SUBPIXEL = 4
DEEP, SHADE, LIT, SHINE = range(4)


def fill(canvas: np.ndarray, outlines: list[np.ndarray], origin: tuple[int, int], value: int = 255) -> None:
    """Fill polygons (px, even-odd) into a uint8 canvas whose corner lies at `origin`."""
    points = [np.round((o - origin) * (1 << SUBPIXEL)).astype(np.int32) for o in outlines if len(o) > 2]
    if points:
        cv2.fillPoly(canvas, points, value, cv2.LINE_8, SUBPIXEL)


def times(picture: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """(H, W, 3) times (H, W), float32; much faster than numpy's broadcasting over three channels."""
    plane = np.asarray(plane, np.float32)
    return cv2.multiply(picture, cv2.merge([plane, plane, plane]))


def blend(target: np.ndarray, color: np.ndarray | tuple[float, ...], alpha: np.ndarray) -> None:
    """`target` (H, W, 3) moves towards `color` by `alpha` (H, W), in place."""
    target += times(np.asarray(color, np.float32) - target, alpha)


def _patches(
    layer: Layer, photo: np.ndarray, drawn: np.ndarray, origin: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The surface's marks, on both sides, and its tints, in the photograph only."""
    shape = photo.shape[:2]
    if layer.marks:
        photo, drawn = photo.copy(), drawn.copy()
    for mark in layer.marks:
        patch = np.zeros(shape, np.uint8)
        fill(patch, [mark.outline], origin)
        inner = patch > 0
        photo[inner] *= np.array(mark.color, np.float32) / np.maximum(np.array(layer.color, np.float32), 0.02)
        drawn[inner] = mark.color
    for tint in layer.tints:
        patch = np.zeros(shape, np.uint8)
        fill(patch, [tint.outline], origin)
        soft = cv2.GaussianBlur(patch, (0, 0), max(tint.blur, 0.5)).astype(np.float32) / 255
        photo = cv2.multiply(photo, cv2.merge([1 + np.float32(f - 1) * soft for f in tint.factor]))
    return photo, drawn


def stroke_outline(stroke: Stroke) -> np.ndarray:
    profile = [0.3, 0.85, 1.0, 0.85, 0.3] if stroke.taper else [1.0, 1.0]
    return ribbon(stroke.points, [stroke.width * p for p in profile])


class Canvas:
    """What is visible so far. All maps are (S, S); colours (S, S, 3) float32 display-referred sRGB."""

    def __init__(self, size: int, light: Light, rng: np.random.Generator) -> None:
        self.size, self.light, self.rng = size, light, rng
        shape = (size, size)
        self.ids = np.zeros(shape, np.int32)
        self.photo = np.full((*shape, 3), 0.5, np.float32)
        self.drawn = self.photo.copy()
        self.lit_photo = np.full(shape, 0.8, np.float32)
        self.lit_drawn = self.lit_photo.copy()
        self.shadow = np.zeros(shape, np.float32)
        self.shine = np.zeros(shape, np.float32)
        self.strokes = np.zeros(shape, np.float32)
        self.lines = [0.0]
        self.groups = [0]
        self.depths = [0.0]
        self.glows = [0.0]
        self.flesh = [False]
        self.modelled = [False]

    def add(self, layer: Layer) -> None:
        """Paints a layer over what is there."""
        outlines = layer.outline if isinstance(layer.outline, list) else [layer.outline]
        if not outlines:
            for stroke in layer.strokes:
                self._stroke(stroke, (slice(0, self.size), slice(0, self.size)), None)
            return
        points = np.vstack(outlines)
        x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - 1, 0)
        x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + 2, self.size)
        if x1 - x0 < 1 or y1 - y0 < 1:
            return
        roi = (slice(y0, y1), slice(x0, x1))
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        fill(mask, outlines, (x0, y0))
        if layer.inside:
            mask[np.asarray(self.groups)[self.ids[roi]] != layer.inside] = 0
        if layer.veil:
            reach = 2 * round(layer.reach) + 1
            soft = cv2.blur(cv2.blur(mask, (reach, reach)), (reach, reach)).astype(np.float32)
            np.maximum(self.shadow[roi], soft * (layer.veil / 255), out=self.shadow[roi])
            return
        if layer.shadow and layer.reach:
            self._cast(mask, (x0, y0), layer)
        seen = mask > 0
        self._surface(layer, roi, mask, seen)

    def _surface(self, layer: Layer, roi: tuple[slice, slice], mask: np.ndarray, seen: np.ndarray) -> None:
        origin = (roi[1].start, roi[0].start)
        height, width = mask.shape
        photo, drawn = self._colours(layer, origin, width, height)
        lit_photo, lit_drawn = self._lit(layer, mask, origin)
        if layer.texture is not None and min(width, height) > 3:
            photo, slow = self._grain(layer.texture, photo)
            if layer.texture.coarse:
                lit_drawn = lit_drawn + layer.texture.coarse * slow
                lit_photo = lit_photo + 0.5 * layer.texture.coarse * slow
        shine = np.zeros(mask.shape, np.float32)
        if layer.strands is not None:
            hair = hair_shade(layer.strands, self.rng, self.light.direction, origin, (width, height))
            shine = hair.shine
            photo = times(photo, np.clip(1 + layer.strands.strength * hair.fibre, 0.2, 2))
            lit_drawn, lit_photo = lit_drawn * (1 - hair.drawn_loss), lit_photo * (1 - hair.seen_loss)
        elif layer.gloss:
            shine = cv2.pow(np.clip(lit_photo, 0, 1), layer.sharp) * np.float32(layer.gloss)
        photo, drawn = _patches(layer, photo, drawn, origin)
        self.ids[roi][seen] = len(self.lines)
        for target, source in (
            (self.photo, photo),
            (self.drawn, drawn),
            (self.lit_photo, lit_photo),
            (self.lit_drawn, lit_drawn),
            (self.shine, shine),
        ):
            cv2.copyTo(np.asarray(source, np.float32), mask, target[roi])
        self.shadow[roi][seen] = 0
        self.strokes[roi][seen] = 0
        self.lines.append(layer.line)
        self.groups.append(layer.group)
        self.depths.append(layer.depth)
        self.glows.append(layer.glow)
        self.flesh.append(layer.flesh)
        self.modelled.append(layer.round > 0)
        for stroke in layer.strokes:
            self._stroke(stroke, roi, seen)

    def _grain(self, texture: Texture, photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(photo with the texture on it, the slow part of the texture)."""
        height, width = photo.shape[:2]
        offset = (float(self.rng.random()), float(self.rng.random()))
        grain = noise.sample(texture.kind, width, height, offset, texture.scale, texture.angle)
        level = np.clip(1 + texture.strength * grain, 0.15, 2.0)
        if texture.hue:
            drift = texture.hue * np.roll(grain, 7, 1)
            photo = cv2.multiply(photo, cv2.merge([level * (1 + drift), level, level * (1 - drift)]))
        else:
            photo = times(photo, level)
        if not texture.coarse:
            return photo, grain
        return photo, noise.sample(
            texture.kind, width, height, offset, texture.scale, texture.angle, slow=True
        )

    def _colours(
        self, layer: Layer, origin: tuple[int, int], width: int, height: int
    ) -> tuple[np.ndarray, np.ndarray]:
        if layer.paint is None:
            planes = [np.full((height, width), c, np.float32) for c in layer.color]
            flat = cv2.merge(planes)
            return flat, flat
        xs = np.arange(origin[0], origin[0] + width, dtype=np.float32)[None, :]
        ys = np.arange(origin[1], origin[1] + height, dtype=np.float32)[:, None]
        return layer.paint(xs, ys)

    def _lit(self, layer: Layer, mask: np.ndarray, origin: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Wrapped Lambert light on the inflated surface: as photographed, and as drawn (fewer bumps)."""
        lx, ly, lz = self.light.direction
        fx, fy, fz = layer.facing
        if not (layer.round or layer.bumps or layer.fold):
            level = np.clip((fx * lx + fy * ly + fz * lz + 0.35) / 1.35, 0, 1)
            flat = np.full(mask.shape, level, np.float32)
            return flat, flat
        # Light varies slowly over a large rounding: relief and light are then computed on a coarser grid.
        step = 1 if layer.round < 9 else 2 if layer.round < 36 else 4
        step = max(1, min(step, min(mask.shape) // 8))
        height, width = (max(1, n // step) for n in mask.shape)
        relief = np.zeros((height, width), np.float32)
        if layer.round:
            distance = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
            if step > 1:
                distance = cv2.resize(distance, (width, height), interpolation=cv2.INTER_AREA)
            t = np.minimum(distance / layer.round, 1.0)
            relief = (layer.round * np.sqrt(np.maximum(t * (2 - t), 0))).astype(np.float32)
            relief = cv2.GaussianBlur(relief, (0, 0), (0.7 + 0.16 * layer.round) / step)
        if layer.fold:
            offset = (float(self.rng.random()), float(self.rng.random()))
            scale = max(layer.round, 8.0) / (14 * step)
            relief += np.float32(layer.fold) * noise.sample(
                "fold", width, height, offset, scale, layer.fold_angle
            )
        for bump in layer.bumps:
            if bump.drawn:
                relief += _gaussian(bump, origin, relief.shape, step)
        lit_drawn = self._lambert(relief, (fx, fy), step)
        extra = [bump for bump in layer.bumps if not bump.drawn]
        for bump in extra:
            relief += _gaussian(bump, origin, relief.shape, step)
        lit_photo = self._lambert(relief, (fx, fy), step) if extra else lit_drawn
        if step > 1:
            full = (mask.shape[1], mask.shape[0])
            one = lit_photo is lit_drawn
            lit_drawn = cv2.resize(lit_drawn, full, interpolation=cv2.INTER_LINEAR)
            lit_photo = lit_drawn if one else cv2.resize(lit_photo, full, interpolation=cv2.INTER_LINEAR)
        return lit_photo, lit_drawn

    def _lambert(self, relief: np.ndarray, facing: tuple[float, float], step: int) -> np.ndarray:
        lx, ly, lz = self.light.direction
        nx = -cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=0.125 / step) + facing[0]
        ny = -cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=0.125 / step) + facing[1]
        cosine = (nx * lx + ny * ly + lz) / np.sqrt(nx * nx + ny * ny + 1)
        return np.clip((cosine + 0.35) / 1.35, 0, 1)

    def _cast(self, mask: np.ndarray, origin: tuple[int, int], layer: Layer) -> None:
        """The shadow on what is behind: the mask, moved away from the light and blurred."""
        lx, ly, lz = self.light.direction
        away = np.array([-lx, -ly]) * layer.reach / max(lz, 0.3)
        pad = int(np.ceil(layer.reach * 2 + np.abs(away).max())) + 2
        x0, y0 = max(origin[0] - pad, 0), max(origin[1] - pad, 0)
        x1 = min(origin[0] + mask.shape[1] + pad, self.size)
        y1 = min(origin[1] + mask.shape[0] + pad, self.size)
        move = np.array([[1, 0, origin[0] + away[0] - x0], [0, 1, origin[1] + away[1] - y0]], np.float32)
        moved = cv2.warpAffine(mask, move, (x1 - x0, y1 - y0))
        sigma = max(0.45 * layer.reach, 0.8)
        window = 2 * round(1.25 * sigma) + 1
        soft = cv2.blur(cv2.blur(moved, (window, window)), (window, window)).astype(np.float32)
        soft *= layer.shadow / 255
        target = self.shadow[y0:y1, x0:x1]
        np.maximum(target, soft, out=target)

    def _stroke(self, stroke: Stroke, roi: tuple[slice, slice], seen: np.ndarray | None) -> None:
        sigma = 0.35 * stroke.width + 0.4
        pad = int(3 * sigma) + 2
        low, high = stroke.points.min(0) - stroke.width - pad, stroke.points.max(0) + stroke.width + pad
        if high.min() < 0 or low.max() > self.size:
            return
        outline = stroke_outline(stroke)
        x0 = max(int(outline[:, 0].min()) - pad, roi[1].start)
        y0 = max(int(outline[:, 1].min()) - pad, roi[0].start)
        x1 = min(int(outline[:, 0].max()) + pad, roi[1].stop)
        y1 = min(int(outline[:, 1].max()) + pad, roi[0].stop)
        if x1 - x0 < 1 or y1 - y0 < 1:
            return
        patch = np.zeros((y1 - y0, x1 - x0), np.uint8)
        points = np.round((outline - (x0, y0)) * (1 << SUBPIXEL)).astype(np.int32)
        cv2.fillPoly(patch, [points], 255, cv2.LINE_AA, SUBPIXEL)
        if seen is not None:
            patch[~seen[y0 - roi[0].start : y1 - roi[0].start, x0 - roi[1].start : x1 - roi[1].start]] = 0
        line = patch.astype(np.float32) / 255
        soft = cv2.GaussianBlur(line, (0, 0), sigma)
        place = (slice(y0, y1), slice(x0, x1))
        blend(self.photo[place], stroke.color or (0.06, 0.04, 0.04), stroke.soft * soft)
        if stroke.color is None:
            np.maximum(self.strokes[place], stroke.ink * line, out=self.strokes[place])
        else:
            blend(self.drawn[place], stroke.color, stroke.ink * line)


def _gaussian(bump: Bump, origin: tuple[int, int], shape: tuple[int, ...], step: int) -> np.ndarray:
    x = step * np.arange(shape[1], dtype=np.float32)[None, :] + (origin[0] - bump.centre[0])
    y = step * np.arange(shape[0], dtype=np.float32)[:, None] + (origin[1] - bump.centre[1])
    c, s = np.float32(np.cos(bump.angle)), np.float32(np.sin(bump.angle))
    u, v = (c * x + s * y) / bump.rx, (-s * x + c * y) / bump.ry
    swelling: np.ndarray = bump.height * np.exp(-0.5 * (u * u + v * v))
    return swelling.astype(np.float32)
