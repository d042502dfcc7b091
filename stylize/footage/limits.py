"""How large a picture may be: asked of its header, before anything of it is decoded."""

from __future__ import annotations

from pathlib import Path

from stylize.errors import FootageError
from stylize.system.limits import limits

LARGEST_SIDE_PX = 32768


def check_pixels(width: int, height: int, path: Path) -> None:
    """Refuses a picture of absurd size.

    Raises:
        FootageError: a side is shorter than one pixel, or longer than `LARGEST_SIDE_PX`, or there are more pixels
            than the limit `picture_pixels`.
    """
    most = limits().picture_pixels
    if min(width, height) < 1 or max(width, height) > LARGEST_SIDE_PX or width * height > most:
        raise FootageError(
            f"The picture says that it is {width}x{height}, which is not read here.",
            where=path,
            hint=f"sides up to {LARGEST_SIDE_PX}, {most >> 20} Mi pixels in all; scale it down first",
        )
