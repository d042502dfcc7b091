"""OpenEXR files: scene-linear light, half float, by the Academy's own library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError

BT709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""The primaries and white of BT.709 and sRGB, as an EXR header states them."""


def read_exr(path: Path) -> NDArray[np.float32]:
    """The R, G and B channels (or Y alone, repeated) as float32, (height, width, 3), scene-linear.

    Raises:
        FootageError: the file is damaged or holds neither.
    """
    channels = _open(path).channels()
    names = ("R", "G", "B") if "R" in channels else ("Y", "Y", "Y")
    for name in ("RGB", "RGBA"):
        if name in channels:
            return np.ascontiguousarray(channels[name].pixels[..., :3], np.float32)
    if not all(name in channels for name in names):
        raise FootageError(
            f"The EXR file holds {', '.join(sorted(channels)) or 'nothing'}, not R, G and B.",
            where=path,
            hint="Render the picture into the channels R, G and B.",
        )
    return np.stack([channels[name].pixels.astype(np.float32) for name in names], axis=-1)


def read_alpha(path: Path) -> NDArray[np.float32]:
    """The channel A, else Y or the first of a matte's own, as float32, (height, width).

    Raises:
        FootageError: the file is damaged or holds no channel.
    """
    channels = _open(path).channels()
    for name in ("A", "RGBA", "Y", "G", "RGB", *channels):
        if name in channels:
            pixels = np.asarray(channels[name].pixels, np.float32)
            if pixels.ndim == 2:
                return np.ascontiguousarray(pixels)
            return np.ascontiguousarray(pixels[..., 3] if pixels.shape[2] == 4 else pixels[..., 1])
    raise FootageError("The EXR file holds no channel.", where=path, hint="Render the matte into A or Y.")


def exr_size(path: Path) -> tuple[int, int]:
    """Width and height of the data window, from the header."""
    low, high = _open(path, header_only=True).header()["dataWindow"]
    width, height = np.asarray(high) - np.asarray(low) + 1
    return int(width), int(height)


def write_exr(path: Path, light: NDArray[np.float32], *, pixel_aspect: float) -> None:
    """Write scene-linear light as half floats, ZIP-compressed.

    Args:
        light: (height, width, 1, 3 or 4): a matte (channel Y), RGB, or RGB premultiplied by a fourth, alpha.
    """
    import OpenEXR

    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "pixelAspectRatio": float(pixel_aspect),
    }
    if light.shape[2] == 1:
        name, light = "Y", light[..., 0]
    else:
        name = "RGBA" if light.shape[2] == 4 else "RGB"
        header["chromaticities"] = BT709
    with OpenEXR.File(header, {name: np.ascontiguousarray(light, np.float16)}) as file:
        file.write(str(path))


def _open(path: Path, header_only: bool = False) -> Any:
    import OpenEXR

    try:
        return OpenEXR.File(str(path), header_only=header_only)
    except Exception as error:  # the library raises bare RuntimeError and TypeError by turns
        raise FootageError(
            "The EXR file cannot be read.", where=path, hint="Render this frame again."
        ) from error
