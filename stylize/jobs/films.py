"""The films that a job writes: where each goes, in which form, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from stylize.comp.mattes.output import AlphaOutput, read_output
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.footage.clip import Clip
from stylize.footage.outputs import check_outputs
from stylize.storage.frame_file import BitDepth

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mp4", ".png": "png", ".exr": "exr"}
"""What a film's name asks for, where no format is given."""
DEEP_FORMATS = ("prores", "png16", "exr")
"""Formats that hold more than 8 bits."""


@dataclass(frozen=True)
class FilmOutput:
    """One film to write.

    Attributes:
        path: the file, or a sequence's pattern.
        format: as `footage.write_film` names them.
        audio: the clip's sound is copied into it.
        shows: the film itself, or the drawn subject with its alpha.
        straight: colours are not multiplied by alpha.
    """

    path: Path
    format: str
    audio: bool = True
    shows: Literal["film", "foreground"] = "film"
    straight: bool = False

    @property
    def pass_name(self) -> str:
        """What its writing is told of as, unlike all passes."""
        return "encode" if self.shows == "film" else f"encode_{self.shows}"

    @property
    def says(self) -> str:
        """What a compositor has to know of its colours and alpha, in words."""
        return AlphaOutput(self.path, self.format, self.straight).says

    def absolute(self) -> FilmOutput:
        """The same with its path absolute."""
        return replace(self, path=self.path.absolute())


def film_of(out: Path, settings: RunSettings, clip: Clip) -> FilmOutput:
    """The film that a name and the settings ask for; the picture of a photograph is as deep as that."""
    form = settings.format or FORMATS.get(out.suffix.lower(), "mp4")
    if clip.is_still and form == "png" and settings.format is None and clip.bit_depth > 8:
        form = "png16"
    return FilmOutput(out, form, settings.audio)


def films_of(out: Path, settings: RunSettings, clip: Clip) -> tuple[FilmOutput, ...]:
    """The film, and the drawn foreground where `--foreground` asks for it.

    Raises:
        UsageError: the foreground cannot be meant.
    """
    film = film_of(out, settings, clip)
    if settings.foreground is None:
        return (film,)
    if settings.comp is None:
        raise UsageError(
            "Without a scene there is no matte to cut the foreground out with.",
            where="--foreground",
            hint="add --comp SCENE.toml; a scene needs no backdrop",
        )
    check_outputs([out, settings.foreground])
    cut = read_output(settings.foreground, alpha=settings.alpha)
    return film, FilmOutput(cut.path, cut.format, False, "foreground", cut.is_straight)


def depth_for(clip: Clip, films: tuple[FilmOutput, ...]) -> BitDepth:
    """How finely frames are kept: as the deeper of the source and the films needs it.

    Half floats where light comes in as EXR and goes out as EXR; 16 bits where either holds more than 8.
    """
    formats = {film.format for film in films}
    if clip.codec == "exr" and formats == {"exr"}:
        return "half"
    return "16" if clip.bit_depth > 8 or formats & set(DEEP_FORMATS) else "8"
