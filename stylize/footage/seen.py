"""What a person sees of pictures with alpha: laid on the film's ground, or on the grey checks that mean "nothing".

Frames are drawn on a ground of their own colours (`stylize.footage.alpha`), which no film shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from stylize.footage.alpha import laid_on
from stylize.footage.clip import Clip, Frame, Pixels
from stylize.footage.read_alpha import Cutout, read_cutouts
from stylize.footage.reduced import pick_reduced
from stylize.footage.transfer import linear_from_srgb, srgb_from_linear

CHECKS = (0.8, 0.6)
"""The two greys behind what is cut out, display-referred."""
CHECKS_ACROSS = 24
"""Squares in a picture's height."""


def seen_on_ground(picture: Pixels, cutout: Cutout, *, keeps_alpha: bool, is_light: bool) -> Pixels:
    """A picture as a person sees it, (height, width, 3) float32 RGB in [0, 1].

    Args:
        picture: as it is drawn, on its own colours.
        cutout: of any size.
        keeps_alpha: the film does, so that checks stand where it shows nothing. Else pictures are laid on white,
            and light on black.
        is_light: the clip is of OpenEXR, whose light is added to what lies behind it.
    """
    cutout = cutout.scaled_to(picture.shape[:2])
    if not is_light:
        return laid_on(picture, cutout.alpha, checks(*picture.shape[:2]) if keeps_alpha else 1.0)
    light = linear_from_srgb(picture) * cutout.cover[..., None]
    if keeps_alpha:
        light = light + linear_from_srgb(checks(*picture.shape[:2])) * (1 - cutout.alpha[..., None])
    return srgb_from_linear(light)


def checks(height: int, width: int) -> Pixels:
    """Grey checks, as programs show what is transparent: (height, width, 3) float32."""
    side = max(1, round(height / CHECKS_ACROSS))
    rows, columns = np.arange(height)[:, None] // side, np.arange(width) // side
    return np.repeat(np.asarray(CHECKS, np.float32)[(rows + columns) % 2][..., None], 3, axis=2)


def pick_seen(clip: Clip, numbers: Sequence[int], size: tuple[int, int]) -> Iterator[Frame]:
    """As `pick_reduced`; a clip with alpha is shown cut out."""
    frames = pick_reduced(clip, numbers, size)
    if not clip.has_alpha:
        yield from frames
        return
    is_light = clip.codec == "exr"
    for frame, cutout in zip(frames, read_cutouts(clip, numbers), strict=True):
        shown = seen_on_ground(frame.pixels, cutout, keeps_alpha=True, is_light=is_light)
        yield replace(frame, pixels=shown)
