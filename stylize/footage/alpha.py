"""Transparent pictures: the alpha of one that was decoded, and the ground that it is laid on to be drawn.

Films and pictures hold straight colours (PNG 1.2, section 4.2.1.1; ffmpeg's decoders give what is stored), which
mean nothing where nothing is to be seen. A network is shown them on a ground of their own colours, and white
beyond. OpenEXR holds light that is multiplied by its alpha already, and may glow where its alpha is nothing: it is
taken apart into straight colours and how much of them is to be seen, its cover, which is never less than its alpha.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels
from stylize.footage.transfer import srgb_from_linear

Plane = NDArray[np.float32]
WHITE = 1.0
"""What transparent parts are laid on where a film keeps no alpha, display-referred."""
SPREAD_PX, LEAST_SPREAD_PX = 4.0, 1.5
"""How wide colours are blurred to be carried beyond an edge, px at a height of 1080: they are known for some eight
times as far, which is more than a network's blocks of 8 px reach."""
TRUSTED = 0.25
"""From this alpha on a pixel's stored colour counts as its own; below it, coders may have mixed it with others."""
TRUSTED_LIGHT = 1 / 64
"""The same of OpenEXR, which is coded without loss."""
ALPHA_DECODERS = {"vp9": "libvpx-vp9", "vp8": "libvpx"}
"""WebM keeps alpha in a stream beside the picture's, which ffmpeg's own decoders pass over."""


def on_own_colours(pixels: Pixels, alpha: Plane, trusted: float = TRUSTED) -> Pixels:
    """Straight colours, (height, width, 3), as they are drawn: carried on beyond the edge of their alpha.

    A drawing mixes what lies side by side. Behind an edge it therefore finds the subject's own colours, which fade
    into white further out ("edge extension" in compositing); cut out by its alpha, it shows none of the ground.

    Args:
        trusted: from this alpha on colours count as they are.
    """
    from compositing.merge.spread import spread_colour

    sigma = max(SPREAD_PX * pixels.shape[0] / 1080, LEAST_SPREAD_PX)
    around, known = spread_colour(pixels, alpha, sigma)
    ground = laid_on(np.clip(around, 0, 1), known)
    return laid_on(pixels, np.minimum(alpha / np.float32(trusted), 1), ground)


def cover_of_light(light: Pixels, alpha: Plane) -> Plane:
    """How much of its straight colours a picture of OpenEXR shows, (height, width) in [0, 1].

    It is the alpha, and more where light shines through it: glows, flames and highlights on glass. A picture that
    is lit in most of its pixels and has no alpha in any is no glow: its channel of alpha was never filled, and all
    of it is to be seen.

    Args:
        light: (height, width, 3), scene-linear, multiplied by alpha.
    """
    if not alpha.any() and np.count_nonzero(light.max(axis=2) > 0) > alpha.size / 2:
        return np.ones_like(alpha)
    return np.clip(np.maximum(alpha, light.max(axis=2)), 0, 1, dtype=np.float32)


def straight_of_light(light: Pixels, alpha: Plane) -> Pixels:
    """Light of OpenEXR as it is drawn: display-referred, on a ground of its own straight colours.

    Multiplied by its cover again in linear light, it is what it was.
    """
    cover = cover_of_light(light, alpha)
    straight = np.where(cover[..., None] > 0, light / np.maximum(cover, 1e-6)[..., None], 0)
    return on_own_colours(srgb_from_linear(straight.astype(np.float32)), cover, TRUSTED_LIGHT)


def laid_on(pixels: Pixels, alpha: Plane, ground: float | Pixels = WHITE) -> Pixels:
    """Straight colours, (height, width, 3), on a ground: another picture, or a grey."""
    cover = alpha[..., None]
    return np.asarray(pixels * cover + np.asarray(ground, np.float32) * (1 - cover), np.float32)


def scaled_to(alpha: Plane, shape: tuple[int, ...]) -> Plane:
    """The alpha at another (height, width)."""
    import cv2

    if alpha.shape == shape:
        return alpha
    how = cv2.INTER_AREA if alpha.shape[0] > shape[0] else cv2.INTER_LINEAR
    return np.clip(cv2.resize(alpha, (shape[1], shape[0]), interpolation=how), 0, 1, dtype=np.float32)


def has_alpha_channel(picture: Any) -> bool:
    """Whether an `av.VideoFrame` is of a format with alpha."""
    return picture.format.has_palette or any(each.is_alpha for each in picture.format.components)


def stored_alpha(picture: Any) -> Plane | None:
    """The alpha of an `av.VideoFrame`, in [0, 1], (height, width), as it is stored; None where it has none.

    A matter of code values only: full range in every format, none of it passes a conversion of colours.
    """
    if not has_alpha_channel(picture):
        return None
    layout = picture.format
    depth = max(each.bits for each in layout.components)
    if layout.is_planar and not layout.has_palette and depth <= 16 and not layout.is_big_endian:
        plane = picture.planes[-1]
        kind = np.dtype(np.uint8) if depth == 8 else np.dtype("<u2")
        rows = np.frombuffer(plane, kind).reshape(plane.height, plane.line_size // kind.itemsize)
        return rows[:, : plane.width].astype(np.float32) / np.float32((1 << depth) - 1)
    if depth > 16:
        deepest = np.ascontiguousarray(picture.to_ndarray(format="gbrapf32le")[..., 3], np.float32)
        return np.clip(np.nan_to_num(deepest), 0, 1)
    deep = depth > 8
    codes = picture.to_ndarray(format="rgba64le" if deep else "rgba")[..., 3]
    return (codes / np.float32(65535 if deep else 255)).astype(np.float32)
