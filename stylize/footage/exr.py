"""OpenEXR files: scene-linear light, half float, by the Academy's own library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError


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


def exr_size(path: Path) -> tuple[int, int]:
    """Width and height of the data window, from the header."""
    low, high = _open(path, header_only=True).header()["dataWindow"]
    width, height = np.asarray(high) - np.asarray(low) + 1
    return int(width), int(height)


def write_exr(path: Path, light: NDArray[np.float32], *, pixel_aspect: float) -> None:
    """Write scene-linear light as half floats, ZIP-compressed.

    Args:
        light: (height, width, 3 or 4); a fourth channel is alpha, and the colours are premultiplied by it.
    """
    import OpenEXR

    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "pixelAspectRatio": float(pixel_aspect),
    }
    name = "RGBA" if light.shape[2] == 4 else "RGB"
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
