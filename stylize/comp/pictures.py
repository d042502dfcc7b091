"""Pictures that a scene names, as scene-linear light."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from compositing.colour import Image, linear_from_srgb
from stylize.errors import FootageError
from stylize.footage.guard import check_picture

LINEAR = (".exr", ".hdr")


def read_light(path: Path) -> Image:
    """A still as scene-linear light: (H, W, 3), or (H, W, 4) premultiplied where it has transparency; float32.

    OpenEXR and Radiance files hold light; all others sRGB's display-referred values, straight alpha.

    Raises:
        FootageError: the file is missing or is no picture.
    """
    if not path.is_file():
        raise FootageError(
            "There is no such picture.", where=path, hint="paths start at the scene file's folder"
        )
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import read_exr

        return read_exr(path)
    check_picture(path)
    try:
        stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:  # a size beyond its own limits
        stored = None
    if stored is None:
        raise FootageError(
            "The picture cannot be read.", where=path, hint="PNG, JPEG, TIFF, EXR and HDR files are read"
        )
    if stored.ndim == 2:
        stored = cv2.cvtColor(stored, cv2.COLOR_GRAY2BGR)
    levels = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}.get(stored.dtype, 1.0)
    values = stored.astype(np.float32) / np.float32(levels)
    colour = np.ascontiguousarray(values[..., 2::-1])
    if path.suffix.lower() == ".hdr":
        return colour
    light = linear_from_srgb(colour)
    if values.shape[2] == 4:
        alpha = values[..., 3:]
        light = np.concatenate([light * alpha, alpha], axis=2)
    return np.asarray(light, np.float32)
