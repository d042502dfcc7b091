"""Where a film goes and in what form, checked before the first frame is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stylize.errors import UsageError
from stylize.footage.clip import Audio, Clip
from stylize.footage.decoder import check_range
from stylize.footage.outputs import refuse_folder
from stylize.footage.sequence import Pattern

SUFFIXES = {
    "mp4": (".mp4", ".m4v", ".mov"),
    "prores": (".mov",),
    "png": (".png",),
    "png16": (".png",),
    "exr": (".exr",),
}
"""The forms a film may take, and the suffixes that each may bear."""
STILL_FORMATS = ("png", "png16", "exr")
_ALIASES = {"mov": "prores"}
_CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov"}
_TRANSFERS_LIKE_SRGB = (None, "bt709", "smpte170m", "bt470bg", "iec61966-2-1", "bt2020-10")


@dataclass(frozen=True)
class FilmTarget:
    """A checked output: its path (a pattern for image sequences), form, frames and sound."""

    out: Path
    format: str
    start: int
    end: int
    audio: tuple[Audio, ...]
    overwrite: bool
    pattern: Pattern | None = None
    straight: bool = False

    @property
    def container(self) -> str:
        return _CONTAINERS[self.out.suffix.lower()]


def check_film(
    out: Path,
    clip: Clip,
    *,
    format: str = "mp4",
    start: int = 0,
    end: int | None = None,
    audio: bool = True,
    overwrite: bool = False,
) -> FilmTarget:
    """Everything about an output that can be refused without drawing a frame; see `write_film`.

    Raises:
        UsageError: an unknown format, a suffix that does not fit it, an output that exists, is a folder
            or is the source itself, a range outside the clip, or sound the container cannot carry.
    """
    end = clip.frame_count if end is None else end
    check_range(clip, start, end)
    format = _ALIASES.get(format, format)
    if format not in SUFFIXES:
        raise UsageError(
            f"There is no output format {format!r}.", hint=f"Choose one of {', '.join(SUFFIXES)}."
        )
    if out.suffix.lower() not in SUFFIXES[format]:
        raise UsageError(
            f"A {format} film cannot be named {out.suffix or 'without a suffix'}.",
            where=out,
            hint=f"Name it {out.stem or 'film'}{SUFFIXES[format][0]}, or choose another --format.",
        )
    if clip.is_still:
        _check_picture(out, format)
    elif format in STILL_FORMATS:
        return _check_sequence(out, clip, format, start, end, overwrite)
    refuse_folder(out)
    if out.exists() and clip.path.exists() and out.samefile(clip.path):
        raise UsageError("The output is the source itself.", where=out, hint="Choose another name.")
    if out.exists() and not overwrite:
        raise UsageError(
            "The output exists.", where=out, hint="Add -y to replace it, or choose another name."
        )
    target = FilmTarget(out, format, start, end, clip.audio if audio else (), overwrite)
    _check_sound(target)
    return target


def _check_picture(out: Path, format: str) -> None:
    if format not in STILL_FORMATS:
        raise UsageError(
            "A photograph makes a picture, not a film.",
            where=out,
            hint=f"Name it {out.with_suffix('.png').name}, or leave out --format.",
        )


def _check_sequence(out: Path, clip: Clip, format: str, start: int, end: int, overwrite: bool) -> FilmTarget:
    pattern = Pattern.parse(out) or Pattern(out.parent, f"{out.stem}.", 6, out.suffix)
    if format == "exr" and clip.shown_colour.transfer not in (*_TRANSFERS_LIKE_SRGB, "linear"):
        raise UsageError(
            f"The clip's transfer is {clip.shown_colour.transfer}, which is not made scene-linear here.",
            where=clip.path,
            hint="Write png16 or prores, or convert the clip to BT.709 first.",
        )
    target = FilmTarget(pattern.path, format, start, end, (), overwrite, pattern)
    if clip.is_sequence and any(pattern.file(n) == clip.path.parent / name for n, name in _names(clip)):
        raise UsageError("The output is the source itself.", where=out, hint="Choose another name.")
    taken = set(pattern.numbers()) & set(frame_numbers(clip, start, end))
    if taken and not overwrite:
        raise UsageError(
            f"{len(taken)} of the frames exist, the first one {pattern.file(min(taken)).name}.",
            where=pattern.path,
            hint="Add -y to replace them, or choose another name.",
        )
    return target


def _names(clip: Clip) -> list[tuple[int, str]]:
    source = Pattern.parse(clip.path)
    if source is None or clip.first_number is None:
        return []
    return [(clip.first_number, source.file(clip.first_number).name)]


def frame_numbers(clip: Clip, start: int, end: int) -> range:
    """The numbers that frames `start` to `end` bear as files: the source's own, for a sequence."""
    first = clip.first_number or 0
    return range(first + start, first + end)


def _check_sound(target: FilmTarget) -> None:
    if not target.audio:
        return
    import io

    import av

    with av.open(io.BytesIO(), "w", format=target.container) as container:
        carried = container.supported_codecs
        with av.open(io.BytesIO(), "w", format="mov") as other:
            carried_by_mov = other.supported_codecs
    for sound in target.audio:
        if sound.codec not in carried:
            better = target.out.with_suffix(".mov").name
            hint = f"Name the output {better}, or leave the sound out with --no-audio."
            if sound.codec not in carried_by_mov:
                hint = "Leave the sound out with --no-audio, or convert the clip's sound to AAC or PCM first."
            raise UsageError(
                f"The clip's {sound.codec} sound cannot be copied into {target.out.suffix} as it is.",
                where=target.out,
                hint=hint,
            )
