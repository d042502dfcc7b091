"""The pixels of a painted file: a picture, or the merged picture of a layered one."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from pathlib import Path

import cv2
import numpy as np

from stylize.errors import FootageError
from stylize.footage.clip import Pixels
from stylize.footage.guard import check_picture, header_size
from stylize.footage.limits import check_pixels

KINDS = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".webp", ".bmp", ".ora", ".psd")
HINT = "save it as a PNG with 8 or 16 bits a channel"
MERGED = "mergedimage.png"
"""Where an OpenRaster file keeps all its layers in one picture (OpenRaster 0.0.5)."""
LARGEST = 1 << 30
"""Bytes of a merged picture: more is no painting."""


def read_painting(path: Path) -> tuple[Pixels, Pixels | None]:
    """A painted picture, (height, width, 3) float32 RGB in [0, 1], and its alpha, (height, width), if it has one.

    Raises:
        FootageError: the file is no picture that can be read, or a larger one than is read here.
    """
    check_picture(path)
    kind = path.suffix.lower()
    if kind == ".psd":
        pixels = _read_psd(path)
    else:
        data = _merged(path) if kind == ".ora" else np.fromfile(path, np.uint8)
        pixels = _decoded(data, path)
    alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
    return np.ascontiguousarray(pixels[..., :3]), None if alpha is None or alpha.min() >= 1 else alpha


def _decoded(data: np.ndarray, path: Path) -> Pixels:
    """A coded picture as (height, width, 3 or 4) float32 RGB."""
    try:
        stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    except cv2.error:  # a size beyond its own limits
        stored = None
    most = None if stored is None else {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}.get(stored.dtype)
    if stored is None or most is None:
        raise FootageError("This key cannot be read.", where=path, hint=HINT)
    pixels: Pixels = np.asarray(stored, np.float32) / np.float32(most)
    if pixels.ndim == 2:
        return np.dstack([pixels] * 3)
    return pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]


def _merged(path: Path) -> np.ndarray:
    """The picture that an OpenRaster file (Krita, GIMP, MyPaint) keeps of all its layers."""
    try:
        with zipfile.ZipFile(path) as layers:
            if layers.getinfo(MERGED).file_size > LARGEST:
                raise FootageError("The merged picture of this key is too large.", where=path, hint=HINT)
            data = layers.read(MERGED)
    except (KeyError, OSError, zipfile.BadZipFile) as error:
        raise FootageError("This OpenRaster file has no merged picture.", where=path, hint=HINT) from error
    except (zlib.error, EOFError, RuntimeError, ValueError) as error:  # packed otherwise, locked, or damaged
        raise FootageError(
            "The merged picture of this OpenRaster file cannot be unpacked.", where=path, hint=HINT
        ) from error
    size = header_size(io.BytesIO(data))
    if size is not None:
        check_pixels(*size, path)
    return np.frombuffer(data, np.uint8)


def _read_psd(path: Path) -> Pixels:
    """The picture that a Photoshop file keeps of all its layers."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is checked already
            with Image.open(path, formats=["PSD"]) as picture:
                shown = picture.convert("RGBA" if picture.mode == "RGBA" else "RGB")
    except (OSError, SyntaxError, KeyError, ValueError, Image.DecompressionBombError) as error:
        raise FootageError(
            "This Photoshop file cannot be read.",
            where=path,
            hint=f"keep 8 bits and 'maximize compatibility' when saving, or {HINT}",
        ) from error
    return np.asarray(shown, np.float32) / np.float32(255)
