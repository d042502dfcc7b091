"""What a person sees of pictures with alpha: laid on the film's ground, or on the grey checks that mean "nothing".

Frames are drawn on a ground of their own colours (`stylize.footage.alpha`), which no film shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from stylize.footage.alpha import Plane, laid_on, scaled_to
from stylize.footage.clip import Clip, Frame, Pixels
from stylize.footage.read_alpha import read_alpha
from stylize.footage.reduced import pick_reduced
from stylize.footage.transfer import linear_from_srgb, srgb_from_linear

CHECKS = (0.8, 0.6)
"""The two greys behind what is cut out, display-referred."""
CHECKS_ACROSS = 24
"""Squares in a picture's height."""


def seen_on_ground(picture: Pixels, alpha: Plane, *, cut_out: bool, is_light: bool) -> Pixels:
    """A picture as a person sees it, (height, width, 3) float32 RGB in [0, 1].

    Args:
        picture: as it is drawn: on its own colours; or on black, where it is light.
        alpha: of any size.
        cut_out: the film keeps alpha, so that checks stand where it shows nothing. Else it is laid on white, and
            light stays on black.
        is_light: the clip is of OpenEXR, whose light is multiplied by its alpha already.
    """
    if is_light and not cut_out:
        return picture
    alpha = scaled_to(alpha, picture.shape[:2])
    if not cut_out:
        return laid_on(picture, alpha)
    ground = checks(picture.shape[0], picture.shape[1])
    if not is_light:
        return laid_on(picture, alpha, ground)
    light = linear_from_srgb(picture) + linear_from_srgb(ground) * (1 - alpha[..., None])
    return np.asarray(srgb_from_linear(np.clip(light, 0, 1)), np.float32)


def checks(height: int, width: int) -> Pixels:
    """Grey checks, as programs show what is transparent: (height, width, 3) float32."""
    side = max(1, round(height / CHECKS_ACROSS))
    rows, columns = np.arange(height)[:, None] // side, np.arange(width) // side
    return np.repeat(np.float32(CHECKS)[(rows + columns) % 2][..., None], 3, axis=2)


def pick_seen(clip: Clip, numbers: Sequence[int], size: tuple[int, int]) -> Iterator[Frame]:
    """As `pick_reduced`; a clip with alpha is shown cut out."""
    frames = pick_reduced(clip, numbers, size)
    if not clip.has_alpha:
        yield from frames
        return
    for frame, alpha in zip(frames, read_alpha(clip, numbers), strict=True):
        shown = seen_on_ground(frame.pixels, alpha, cut_out=True, is_light=clip.codec == "exr")
        yield replace(frame, pixels=shown)
