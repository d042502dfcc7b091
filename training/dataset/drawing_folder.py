"""Finds the drawings of a folder, with their captions and photographs.

drawings/  portrait.png            a drawing
           portrait.txt            its caption, if it has one of its own
           portrait.source.jpg     the photograph that it was drawn over, if there is one
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError, UsageError
from stylize.footage.photograph import SUFFIXES as PICTURES
from stylize.footage.photograph import read_photograph
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from training.dataset.caption_text import read_caption

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
            text = None if caption is None else read_caption(caption)
            drawings.append(Drawing(file, size, text or None, source))
    orphans = sorted([*captions.values(), *sources.values()])
    return DrawingFolder(folder, tuple(drawings), tuple(file for file in unreadable if file), tuple(orphans))


def fingerprint_drawings(drawings: Sequence[Drawing]) -> str:
    """Stands for what is learnt from drawings: their pictures, captions and photographs, in their order."""
    return fingerprint(
        [
            [fingerprint_file(each.path), each.caption, each.source and fingerprint_file(each.source)]
            for each in drawings
        ]
    )


def read_picture(path: Path) -> NDArray[np.float32]:
    """A picture as it is shown, (H, W, 3) float32 sRGB in [0, 1]; transparent parts are put on white.

    Raises:
        UsageError: it does not decode.
    """
    try:
        return read_photograph(path).on(1.0)
    except FootageError as error:
        raise UsageError(
            "This picture cannot be read.", where=path, hint="open it and save it again as PNG"
        ) from error


def _size_of(path: Path) -> tuple[int, int] | None:
    """The size of a picture that decodes; None of one that does not."""
    try:
        pixels = read_photograph(path).pixels
    except FootageError:
        return None
    return pixels.shape[1], pixels.shape[0]


def _drawing_of(source: Path) -> Path:
    """`a/portrait.source.jpg` belongs to `a/portrait`."""
    return source.with_name(source.stem.removesuffix(SOURCE))


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
