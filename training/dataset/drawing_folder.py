"""Finds the drawings of a folder, with their captions and photographs.

drawings/  portrait.png            a drawing
           portrait.txt            its caption, if it has one of its own
           portrait.source.jpg     the photograph that it was drawn over, if there is one
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import UsageError
from stylize.footage.guard import check_picture
from stylize.system.documents import DocumentError, read_text

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
SOURCE = ".source"


@dataclass(frozen=True)
class Drawing:
    """One drawing.

    Attributes:
        size: (width, height), px.
        caption: what its .txt file says; None without one.
        source: the photograph that it was drawn over; None where there is none.
    """

    path: Path
    size: tuple[int, int]
    caption: str | None = None
    source: Path | None = None


@dataclass(frozen=True)
class DrawingFolder:
    """What was found in a folder.

    Attributes:
        drawings: in the order of their names.
        unreadable: pictures that do not decode.
        orphans: captions and photographs without a drawing.
    """

    folder: Path
    drawings: tuple[Drawing, ...]
    unreadable: tuple[Path, ...] = ()
    orphans: tuple[Path, ...] = ()


def find_drawings(folder: Path) -> DrawingFolder:
    """Finds the drawings of a folder and its sub-folders, and decodes every picture once. Hidden files are skipped.

    Raises:
        UsageError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise UsageError(
            "There is no such folder of drawings.", where=folder, hint="give a folder of pictures, or a film"
        )
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not _is_hidden(file, folder))
    pictures = [file for file in files if file.suffix.lower() in PICTURES]
    sources = {_drawing_of(file): file for file in pictures if file.stem.endswith(SOURCE)}
    captions = {file.with_suffix(""): file for file in files if file.suffix.lower() == ".txt"}
    named = [file for file in pictures if not file.stem.endswith(SOURCE)]
    if not named:
        raise UsageError(
            "There is no picture in this folder.", where=folder, hint=f"known: {', '.join(PICTURES)}"
        )
    drawings, unreadable = [], []
    for file in named:
        stem = file.with_suffix("")
        size, source = _size_of(file), sources.pop(stem, None)
        caption = captions.pop(stem, None)
        if size is None or (source is not None and _size_of(source) is None):
            unreadable.append(file if size is None else source)
        else:
            text = None if caption is None else _read_caption(caption)
            drawings.append(Drawing(file, size, text or None, source))
    orphans = sorted([*captions.values(), *sources.values()])
    return DrawingFolder(folder, tuple(drawings), tuple(file for file in unreadable if file), tuple(orphans))


def read_picture(path: Path) -> NDArray[np.float32]:
    """A picture of any usual format, (H, W, 3) float32 RGB in [0, 1]; transparent parts are put on white.

    Raises:
        UsageError: it does not decode.
    """
    pixels = _decode(path)
    if pixels is None:
        raise UsageError("This picture cannot be read.", where=path, hint="open it and save it again as PNG")
    if pixels.dtype == np.uint16:
        pixels = (pixels / 257).astype(np.uint8)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    colour = pixels[..., 2::-1].astype(np.float32) / 255
    if pixels.shape[2] == 4:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        colour = colour * alpha + (1 - alpha)
    return np.ascontiguousarray(colour, np.float32)


def _decode(path: Path) -> NDArray[Any] | None:
    """The picture as it is stored, 8 or 16 bits a channel; None where the file is no picture."""
    check_picture(path)
    data = np.frombuffer(path.read_bytes(), np.uint8)
    if data.size == 0:
        return None
    try:
        pixels: NDArray[Any] | None = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except cv2.error:  # a size beyond its own limits
        return None
    return pixels if pixels is not None and pixels.dtype in (np.uint8, np.uint16) else None


def _size_of(path: Path) -> tuple[int, int] | None:
    pixels = _decode(path)
    return None if pixels is None else (pixels.shape[1], pixels.shape[0])


def _read_caption(path: Path) -> str:
    try:
        return " ".join(read_text(path).split())
    except DocumentError as error:
        raise UsageError(f"This caption {error}.", where=path, hint="save it as UTF-8 text") from error


def _drawing_of(source: Path) -> Path:
    """`a/portrait.source.jpg` belongs to `a/portrait`."""
    return source.with_name(source.stem.removesuffix(SOURCE))


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
