"""One still file of an image sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.errors import FootageError
from stylize.footage.alpha import on_own_colours, straight_of_light
from stylize.footage.clip import Clip, Pixels
from stylize.footage.finite import made_finite
from stylize.footage.guard import check_picture, open_media
from stylize.footage.photograph import (
    HEIF,
    is_named_as_photograph,
    photograph_facts,
    read_photograph,
)
from stylize.footage.picture import orientation_of, pixels_of

PHOTOGRAPH = "photograph"
"""The codec of clips whose pictures are read by `stylize.footage.photograph`."""


def read_still(path: Path, clip: Clip) -> tuple[Pixels, int]:
    """The upright pixels of one frame file of `clip`, float32 RGB in [0, 1], and how many of them had to be made
    finite. Transparent parts lie on a ground of their own colours.

    OpenEXR holds scene-linear light: it is clipped to [0, 1] and given the sRGB transfer
    (IEC 61966-2-1), so that every sequence reads as display-referred pixels.

    Raises:
        FootageError: the file is damaged, or not of the clip's size.
    """
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import read_light
        from stylize.footage.transfer import srgb_from_linear

        light, alpha, mended = read_light(path)
        pixels = srgb_from_linear(light) if alpha is None else straight_of_light(light, alpha)
        return _of_size(pixels, clip, path), mended
    if clip.codec == PHOTOGRAPH or is_read_as_photograph(path):
        photo = read_photograph(path)
        pixels = photo.pixels if photo.alpha is None else on_own_colours(photo.pixels, photo.alpha)
        return _of_size(pixels, clip, path), 0
    return made_finite(_of_size(pixels_of(decode_still(path), clip), clip, path))


def _of_size(pixels: Pixels, clip: Clip, path: Path) -> Pixels:
    if pixels.shape[:2] != (clip.height, clip.width):
        raise FootageError(
            f"The frame is {pixels.shape[1]}x{pixels.shape[0]}, the first one {clip.width}x{clip.height}.",
            where=path,
            hint="Every frame of a sequence must have one size.",
        )
    return pixels


def is_read_as_photograph(path: Path) -> bool:
    """Whether a frame of a sequence is shown otherwise than it is stored, or of a kind that ffmpeg cannot read."""
    if not is_named_as_photograph(path):
        return False
    return path.suffix.lower() in HEIF or photograph_facts(path).is_changed


def decode_still(path: Path) -> Any:
    """The `av.VideoFrame` that a still file holds.

    Raises:
        FootageError: the file cannot be decoded.
    """
    import av

    check_picture(path)
    try:
        with open_media(path) as container:
            for picture in container.decode(video=0):
                if not picture.is_corrupt:
                    return picture
    except (av.error.FFmpegError, IndexError) as error:
        raise FootageError(
            "The frame's file cannot be decoded.", where=path, hint="Render this frame again."
        ) from error
    raise FootageError(
        "The frame's file holds no whole picture.", where=path, hint="Render this frame again."
    )


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a still file as it is shown, from its header where the format lets one read it alone."""
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import exr_size

        return exr_size(path)
    if is_named_as_photograph(path):
        return photograph_facts(path).size
    picture = decode_still(path)
    turned = orientation_of(picture)[0] in (90, 270)
    return (picture.height, picture.width) if turned else (picture.width, picture.height)
