"""Pictures that a scene names, as scene-linear light."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from compositing.colour import Image, linear_from_srgb
from stylize.errors import FootageError
from stylize.footage.guard import check_picture
from stylize.footage.photograph import read_photograph

LINEAR = (".exr", ".hdr")


def read_light(path: Path) -> Image:
    """A still as scene-linear light: (H, W, 3), or (H, W, 4) premultiplied where it has transparency; float32.

    OpenEXR and Radiance files hold light; all others display-referred values with straight alpha, which are read
    as they are shown: see `stylize.footage.photograph`.

    Raises:
        FootageError: the file is missing or is no picture.
    """
    if not path.is_file():
        raise FootageError(
            "There is no such picture.", where=path, hint="paths start at the scene file's folder"
        )
    if path.suffix.lower() == ".exr":
        from stylize.footage.exr import read_exr
        from stylize.footage.finite import made_finite

        return made_finite(read_exr(path))[0]
    if path.suffix.lower() == ".hdr":
        return _read_radiance(path)
    picture = read_photograph(path)
    light = linear_from_srgb(picture.pixels)
    if picture.alpha is not None:
        alpha = picture.alpha[..., None]
        light = np.concatenate([light * alpha, alpha], axis=2)
    return np.asarray(light, np.float32)


def _read_radiance(path: Path) -> Image:
    check_picture(path)
    try:
        stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:  # a size beyond its own limits
        stored = None
    if stored is None:
        raise FootageError("The picture cannot be read.", where=path, hint="write it as EXR")
    return np.ascontiguousarray(stored[..., 2::-1], np.float32)
