"""One still file of an image sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.errors import FootageError
from stylize.footage.clip import Clip, Pixels
from stylize.footage.finite import made_finite
from stylize.footage.guard import check_picture, header_size, open_media
from stylize.footage.picture import pixels_of


def read_still(path: Path, clip: Clip) -> tuple[Pixels, int]:
    """The upright pixels of one frame file of `clip`, float32 RGB in [0, 1], alpha dropped, and how many of them
    had to be made finite.

    OpenEXR holds scene-linear light: it is clipped to [0, 1] and given the sRGB transfer
    (IEC 61966-2-1), so that every sequence reads as display-referred pixels.

    Raises:
        FootageError: the file is damaged, or not of the clip's size.
    """
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import read_exr
        from stylize.footage.transfer import srgb_from_linear

        light, mended = made_finite(read_exr(path))
        pixels = srgb_from_linear(light)
        if pixels.shape[:2] != (clip.height, clip.width):
            raise FootageError(
                f"The frame is {pixels.shape[1]}x{pixels.shape[0]}, "
                f"the first one {clip.width}x{clip.height}.",
                where=path,
                hint="Every frame of a sequence must have one size.",
            )
        return pixels, mended
    picture = decode_still(path)
    height, width = clip.height, clip.width
    if clip.rotation in (90, 270):
        height, width = width, height
    if (picture.height, picture.width) != (height, width):
        raise FootageError(
            f"The frame is {picture.width}x{picture.height}, the first one {width}x{height}.",
            where=path,
            hint="Every frame of a sequence must have one size.",
        )
    return made_finite(pixels_of(picture, clip))


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
    """Width and height of a still file, from its header where the format lets one read it alone."""
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import exr_size

        return exr_size(path)
    check_picture(path)
    size = header_size(path)
    if size is None:
        picture = decode_still(path)
        return picture.width, picture.height
    return size
