"""One decoded picture, as upright float pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError
from stylize.footage.alpha import on_own_colours, stored_alpha
from stylize.footage.clip import Clip, Pixels
from stylize.footage.colour import matrix_of, rgb_from_yuv


def pixels_of(picture: Any, clip: Clip) -> Pixels:
    """Upright pixels of an `av.VideoFrame` of this clip: float32 RGB in [0, 1], on a ground of its own colours
    where it is transparent (`stylize.footage.alpha`).

    Y'CbCr of 8 to 16 bits is converted in floating point by the clip's matrix and range; RGB is scaled
    from its own depth. HDR is brought to BT.709. Non-square pixels are left as they are.

    Raises:
        FootageError: the picture is not of the clip's size, or of a pixel format with no known meaning.
    """
    pixels = _stored_pixels(picture, clip)
    if clip.colour.is_hdr:
        from stylize.footage.hdr import bt709_from_hdr

        assert clip.colour.transfer is not None
        pixels = bt709_from_hdr(pixels, clip.colour.transfer, clip.colour.primaries)
    alpha = stored_alpha(picture)
    if alpha is not None and alpha.min(initial=1) < 1:
        pixels = on_own_colours(pixels, alpha)
    pixels = upright(pixels, clip.rotation, clip.mirrored)
    if pixels.shape[:2] != (clip.height, clip.width):
        raise FootageError(
            f"A picture of {pixels.shape[1]}x{pixels.shape[0]} lies in a clip of {clip.width}x{clip.height}.",
            where=clip.path,
            hint="Every frame of a clip must have one size: split it, or scale it first.",
        )
    return pixels


def upright(pixels: NDArray[Any], rotation: int, mirrored: bool) -> NDArray[Any]:
    """The picture flipped left to right if `mirrored`, then turned `rotation` degrees clockwise."""
    if mirrored:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(np.rot90(pixels, -rotation // 90))


def orientation_of(picture: Any) -> tuple[int, bool]:
    """Clockwise degrees and mirroring from a picture's display matrix (ISO/IEC 14496-12, 8.5.2).

    Raises:
        FootageError: the matrix turns by something other than a multiple of 90 degrees.
    """
    try:
        data = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:  # beside it lies data of a kind that PyAV has no name for, such as EXIF
        return -picture.rotation % 360, False
    if data is None:
        return 0, False
    a, b, _, c, d, *_ = np.frombuffer(bytes(data), np.int32).astype(float)
    mirrored = bool(a * d - b * c < 0)
    if mirrored:
        a, b = -a, -b
    degrees = math.degrees(math.atan2(b, a))
    quarter = round(degrees / 90)
    if abs(degrees - 90 * quarter) > 1:
        raise FootageError(
            f"The picture is turned by {degrees:.0f} degrees.",
            hint="Only quarter turns are honoured: ffmpeg -i IN OUT.mov turns the picture for good.",
        )
    return quarter * 90 % 360, mirrored


def depth_of(picture: Any) -> int:
    """Bits per component."""
    return max(component.bits for component in picture.format.components)


def _stored_pixels(picture: Any, clip: Clip) -> Pixels:
    layout = picture.format
    depth = depth_of(picture)
    if layout.is_rgb or layout.has_palette:
        if depth > 16:
            return np.clip(picture.to_ndarray(format="gbrpf32le"), 0, 1)
        deep = depth > 8
        codes = picture.to_ndarray(format="rgb48le" if deep else "rgb24")
        return codes.astype(np.float32) / (65535 if deep else 255)
    if depth < 8:
        return picture.to_ndarray(format="rgb24").astype(np.float32) / 255
    if layout.name.startswith(("xyz", "bayer")):
        raise FootageError(
            f"Pictures of the format {layout.name} cannot be read.",
            where=clip.path,
            hint="Convert the clip to ProRes or PNG first.",
        )
    full_range = clip.colour.range == "pc" or layout.name.startswith("yuvj")
    grey = len(layout.components) < 3
    picture = _planar(picture, depth, grey)
    return rgb_from_yuv(
        _plane(picture.planes[0], depth),
        None if grey else (_plane(picture.planes[1], depth), _plane(picture.planes[2], depth)),
        depth=depth,
        matrix=matrix_of(clip),
        full_range=full_range,
        centred_chroma=clip.codec == "mjpeg",
    )


def _planar(picture: Any, depth: int, grey: bool) -> Any:
    """The same code values in separate little-endian planes: a reordering of bytes, nothing more."""
    layout = picture.format
    suffix = "" if depth == 8 else f"{depth}le"
    if grey:
        name = f"gray{suffix}"
    else:
        chroma = layout.components[1]
        across, down = -(-layout.width // chroma.width), -(-layout.height // chroma.height)
        name = {(1, 1): "yuv444p", (2, 1): "yuv422p", (2, 2): "yuv420p", (1, 2): "yuv440p"}.get(
            (across, down), "yuv444p"
        )
        name += suffix
    same = {name, name.replace("yuv", "yuva", 1), name.replace("yuv", "yuvj", 1)}
    return picture if layout.name in same else picture.reformat(format=name)


def _plane(plane: Any, depth: int) -> NDArray[np.generic]:
    kind = np.dtype(np.uint8) if depth == 8 else np.dtype("<u2")
    rows = np.frombuffer(plane, kind).reshape(plane.height, plane.line_size // kind.itemsize)
    return rows[:, : plane.width]
