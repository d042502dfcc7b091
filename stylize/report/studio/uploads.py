"""Files that come from a browser: counted while they come, and looked into before they get their name."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from stylize import footage
from stylize.errors import StylizeError, UsageError
from stylize.report.studio.library import KINDS, PICTURES, Project, safe_name
from stylize.storage.atomic import cannot_write

LARGEST_CLIP, LARGEST_PICTURE = 8 * 10**9, 60 * 10**6
"""Bytes."""
MOST_PIXELS = 8192 * 8192


class TooLarge(UsageError):
    """More bytes come than may."""


async def receive(chunks: AsyncIterator[bytes], announced: int | None, folder: Path, most_bytes: int) -> Path:
    """Writes what comes to a hidden file in a folder.

    Args:
        announced: how many bytes the sender says will come; refused at once where they are too many.

    Raises:
        TooLarge: more bytes than `most_bytes`, whatever was announced.
        OutputError: the disk is full, or the folder cannot be written. Nothing stays behind then.
    """
    if announced is not None and announced > most_bytes:
        raise _too_large(most_bytes)
    temporary = folder / f".{secrets.token_hex(8)}.part"
    count = 0
    try:
        with temporary.open("xb") as file:
            async for chunk in chunks:
                count += len(chunk)
                if count > most_bytes:
                    raise _too_large(most_bytes)
                file.write(chunk)
        if count == 0:
            raise UsageError("The file is empty.")
        if announced is not None and count != announced:
            raise UsageError("The upload broke off before its end.", hint="send the file again")
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(temporary, error) from error
        raise
    return temporary


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"The file is larger than {most_bytes / 1e6:,.0f} MB.", hint="cut it into shorter clips")


def keep_clip(temporary: Path, name: str, project: Project) -> Path:
    """Looks into an uploaded film, and gives it its name in the project.

    Raises:
        StylizeError: it is no film that can be read, or its frames are too large; the file is removed.
    """
    try:
        name = _checked_name(name, KINDS["clips"])
        clip = footage.probe(temporary)
        if clip.width * clip.height > MOST_PIXELS:
            raise UsageError(f"Frames of {clip.width}x{clip.height} are too large for the studio.")
        if clip.frame_count == 0:
            raise UsageError("The film has no frames.")
        next(iter(footage.read_frames(clip, 0, 1)))
        return project.take(temporary, "clips", name)
    except StylizeError as error:
        error.where = None  # the hidden name of the upload says nothing to anybody
        raise
    except OSError as error:
        raise cannot_write(temporary, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def keep_picture(temporary: Path, name: str, project: Project, kind: str) -> Path:
    """Looks into an uploaded picture, and gives it its name in a folder of the project.

    Args:
        kind: `backdrops`, or `drawings/NAME`.

    Raises:
        UsageError: it is no picture, or too large; the file is removed.
        CannotWrite: it cannot be kept there; the file is removed.
    """
    try:
        name = _checked_name(name, PICTURES)
        _check_picture(temporary, name)
        return project.take(temporary, kind, name)
    except OSError as error:
        raise cannot_write(temporary, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _check_picture(temporary: Path, name: str) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(temporary, formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UsageError(f"A picture of {picture.width}x{picture.height} is too large.")
            picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UsageError(f"{name} is no picture that can be read.", hint="use PNG, JPEG or WebP") from error


def _checked_name(name: str, suffixes: tuple[str, ...]) -> str:
    name = safe_name(name)
    if Path(name).suffix.lower() not in suffixes:
        raise UsageError(f"{name} is not taken here.", hint=f"use {', '.join(suffixes)}")
    return name
