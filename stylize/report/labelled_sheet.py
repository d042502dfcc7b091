"""A sheet of pictures in rows and columns, each with its heading, and numbered lines of text below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from stylize.footage.clip import Pixels

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

PAPER, INK, QUIET, BADGE = (244, 244, 242), (28, 28, 30), (104, 104, 110), (20, 20, 22)
MARGIN_PX, GAP_PX, LINE_PX, BADGE_PX = 28, 10, 24, 26
TEXT_PX, HEADING_PX = 15, 17


@dataclass(frozen=True)
class SheetCell:
    """One picture, (height, width, 3) float32 RGB in [0, 1], and the number of the line that tells of it."""

    picture: Pixels
    number: int | None = None


def draw_labelled_sheet(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[SheetCell]],
    *,
    title: str = "",
    lines: Sequence[str] = (),
    width_px: int = 400,
) -> Pixels:
    """The sheet, (height, width, 3) float32 RGB in [0, 1].

    Args:
        rows, columns: their headings; an empty one takes its place.
        cells: for each row, a picture for each column; all of one shape.
        lines: text below, the first one numbered 1.
        width_px: of a picture on the sheet; smaller ones are enlarged.
    """
    from PIL import Image, ImageDraw, ImageFont

    text, heading = (ImageFont.load_default(size) for size in (TEXT_PX, HEADING_PX))
    height_px = round(width_px * cells[0][0].picture.shape[0] / cells[0][0].picture.shape[1])
    top = MARGIN_PX + (LINE_PX + GAP_PX if title else 0) + LINE_PX
    across = len(columns) * (width_px + GAP_PX) - GAP_PX
    footer = [part for line in _numbered(lines) for part in _wrapped(line, text, across)]
    down = top + len(rows) * (height_px + GAP_PX + LINE_PX)
    size = (across + 2 * MARGIN_PX, down + len(footer) * LINE_PX + MARGIN_PX)
    page = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(page)
    if title:
        pen.text((MARGIN_PX, MARGIN_PX - 6), title, INK, heading)
    lefts = [MARGIN_PX + at * (width_px + GAP_PX) for at in range(len(columns))]
    for left, name in zip(lefts, columns, strict=True):
        pen.text((left, top - LINE_PX), _shortened(name, heading, width_px), INK, heading)
    for at, (name, row) in enumerate(zip(rows, cells, strict=True)):
        y = top + at * (height_px + GAP_PX + LINE_PX)
        for left, cell in zip(lefts, row, strict=True):
            page.paste(Image.fromarray(_as_bytes(cell.picture, (width_px, height_px))), (left, y))
            if cell.number is not None:
                _write_badge(pen, left, y, str(cell.number), text)
        pen.text((MARGIN_PX, y + height_px + 3), _shortened(name, text, across), QUIET, text)
    for at, line in enumerate(footer):
        pen.text((MARGIN_PX, down + GAP_PX + at * LINE_PX), line, INK, text)
    return np.divide(np.asarray(page, np.uint8), 255, dtype=np.float32)


def _write_badge(pen: ImageDraw, left: int, top: int, number: str, font: Any) -> None:
    right = left + max(BADGE_PX, 10 + int(font.getlength(number)))
    pen.rectangle((left, top, right, top + BADGE_PX), BADGE)
    pen.text(((left + right) / 2, top + BADGE_PX / 2), number, PAPER, font, anchor="mm")


def _as_bytes(picture: Pixels, size: tuple[int, int]) -> Any:
    how = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.rint(np.clip(cv2.resize(picture[..., :3], size, interpolation=how), 0, 1) * 255).astype(
        np.uint8
    )


def _numbered(lines: Sequence[str]) -> list[str]:
    return [f"{number}   {line}" for number, line in enumerate(lines, start=1)]


def _wrapped(line: str, font: Any, width_px: int) -> list[str]:
    """The line in pieces that fit, broken between words."""
    found, current = [], ""
    for word in line.split(" "):
        longer = f"{current} {word}" if current else word
        if current and font.getlength(longer) > width_px:
            found.append(current)
            longer = f"      {word}"
        current = longer
    return [*found, current]


def _shortened(text: str, font: Any, width_px: int) -> str:
    """The text, its end replaced by dots where it is too long."""
    if font.getlength(text) <= width_px:
        return text
    while text and font.getlength(text + "...") > width_px:
        text = text[:-1]
    return text + "..."
