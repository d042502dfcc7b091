"""Single pictures for people to look at, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from stylize.errors import OutputError
from stylize.footage.clip import Pixels
from stylize.storage.atomic import atomic_write


def write_pair(source: Pixels, result: Pixels, out: Path) -> Path:
    """Writes source and result next to each other."""
    return write_picture(np.concatenate([source, result], axis=1), out)


def write_picture(pixels: Pixels, out: Path, *, fast: bool = False) -> Path:
    """Writes (H, W, 3) float32 RGB in [0, 1] as an 8-bit picture, in the format of its name, whole or not at all.

    Args:
        fast: a PNG is packed as quickly as can be, for pictures that are read once or twice.

    Raises:
        OutputError: the name's format is unknown, or the file cannot be written.
    """
    bgr = np.rint(np.clip(pixels[..., ::-1], 0, 1) * 255).astype(np.uint8)
    asked = [cv2.IMWRITE_JPEG_QUALITY, 90] if out.suffix.lower() in (".jpg", ".jpeg") else []
    if fast:
        asked = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    try:
        done, coded = cv2.imencode(out.suffix, np.ascontiguousarray(bgr), asked)
    except cv2.error as error:
        raise OutputError("This is no picture format.", where=out, hint="name it .png or .jpg") from error
    if not done:
        raise OutputError("The picture could not be coded.", where=out)
    atomic_write(out, coded.tobytes())
    return out
