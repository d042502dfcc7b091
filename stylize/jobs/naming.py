"""What films are called where nobody names them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.footage.outputs import refuse_folder
from stylize.footage.sequence import Pattern

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings

ENDINGS = {
    "mp4": ".mp4",
    "prores": ".mov",
    "png": ".%06d.png",
    "png16": ".%06d.png",
    "exr": ".%06d.exr",
}
"""How the output's name ends by default in each format."""
STILLS = (".png", ".exr")


def default_output(clip: Path, settings: RunSettings) -> Path:
    """The film's name where none is given: `CLIP.STYLE.mp4` in the current folder, `PHOTO.STYLE.png` of a still.

    Raises:
        UsageError: there is no such style.
    """
    from stylize.config.packs.find import find_style

    style = find_style(settings.style, settings.styles_dirs).name
    return Path(f"{bare_name(clip)}.{style}{ending(clip, settings)}")


def ending(clip: Path, settings: RunSettings) -> str:
    """How the output's name ends by default: of a photograph, as a picture's."""
    from stylize.footage.probe_stills import is_still

    if is_still(clip):
        return ".exr" if settings.format == "exr" else ".png"
    return ENDINGS[settings.format or "mp4"]


def bare_name(clip: Path) -> str:
    """The clip's name without its suffix and number field."""
    return re.sub(r"[._-]?(%0?\d*d|#+)$", "", clip.stem) or clip.absolute().parent.name


def run_folder(out: Path) -> Path:
    """Where the unfinished frames of a film are kept where nobody names a folder: beside it.

    Raises:
        UsageError: the film is a folder, beside which `.` and `..` have no name.
    """
    refuse_folder(out)
    name = out.name
    if Pattern.parse(out) and out.suffix.lower() in STILLS:
        name = name.replace("%", "").replace("#", "")
    return out.with_name(f"{name}.stylize")
