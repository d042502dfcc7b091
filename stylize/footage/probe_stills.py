"""What single pictures and image sequences are, by their files' headers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from stylize.errors import FootageError, UsageError
from stylize.footage.alpha import has_alpha_channel
from stylize.footage.clip import Clip, Colour
from stylize.footage.colour import tags
from stylize.footage.exr import states_alpha
from stylize.footage.photograph import is_named_as_photograph, photograph_facts, read_photograph
from stylize.footage.picture import depth_of, orientation_of
from stylize.footage.read_still import PHOTOGRAPH, decode_still, is_read_as_photograph, size_of
from stylize.footage.sequence import Pattern, complete_numbers


def probe_sequence(pattern: Pattern, rate: Fraction) -> Clip:
    """The facts about an image sequence: see `stylize.footage.probe`."""
    if rate <= 0:
        raise UsageError(
            f"A rate of {rate} frames a second cannot be.",
            where=pattern.path,
            hint="Give --rate, such as 24 or 30000/1001.",
        )
    numbers = complete_numbers(pattern)
    first = pattern.file(numbers[0])
    clip = _describe_picture(first)
    for number in numbers[1:]:
        size = size_of(pattern.file(number))
        if size != (clip.width, clip.height):
            raise FootageError(
                f"The frame is {size[0]}x{size[1]}, the first one {clip.width}x{clip.height}.",
                where=pattern.file(number),
                hint="Every frame of a sequence must have one size.",
            )
    clip = replace(clip, has_alpha=any(_states_alpha(pattern.file(number)) for number in numbers))
    return replace(
        clip,
        notes=alpha_note(clip),
        path=pattern.path,
        rate=rate,
        time_base=1 / rate,
        frame_count=len(numbers),
        first_number=numbers[0],
    )


def _describe_picture(path: Path) -> Clip:
    if path.suffix.lower() == ".exr":
        return _describe_exr(path)
    return _describe_photograph(path) if is_read_as_photograph(path) else _describe_still(path)


def probe_still(path: Path) -> Clip:
    """The facts about a single picture: a clip of one frame."""
    if path.suffix.lower() == ".exr":
        return replace(_describe_exr(path), is_still=True, has_alpha=states_alpha(path))
    has_alpha = read_photograph(path).alpha is not None
    return replace(_describe_photograph(path), is_still=True, has_alpha=has_alpha)


def is_still(path: Path) -> bool:
    """Whether a file is a single picture, and not a film: by its name, and whether it moves.

    Raises:
        FootageError: it is named as a picture and is none.
    """
    if not path.is_file():
        return False
    if path.suffix.lower() == ".exr":
        return True
    return is_named_as_photograph(path) and not photograph_facts(path).is_animated


def alpha_note(clip: Clip) -> tuple[str, ...]:
    """What a user should know of a clip that has alpha."""
    if not clip.has_alpha:
        return ()
    ground = "black" if clip.codec == "exr" else "white"
    return (f"The clip has alpha: a film in ProRes, PNG or EXR keeps it, any other shows it on {ground}.",)


def _states_alpha(path: Path) -> bool:
    """Whether the picture of a sequence has an alpha channel."""
    if path.suffix.lower() == ".exr":
        return states_alpha(path)
    if is_named_as_photograph(path):
        return photograph_facts(path).has_alpha
    return has_alpha_channel(decode_still(path))


def _describe_photograph(path: Path) -> Clip:
    facts = photograph_facts(path)
    return Clip(
        path, *facts.size, Fraction(24), Fraction(1, 24), 1, bit_depth=facts.bit_depth,
        colour=Colour("bt709", "iec61966-2-1"), codec=PHOTOGRAPH,
    )  # fmt: skip


def _describe_still(path: Path) -> Clip:
    picture = decode_still(path)
    rotation, mirrored = orientation_of(picture)
    width, height = picture.width, picture.height
    if rotation in (90, 270):
        width, height = height, width
    colour = tags(
        int(picture.color_primaries),
        int(picture.color_trc),
        int(picture.colorspace),
        int(picture.color_range),
    )
    codec = {".jpg": "mjpeg", ".jpeg": "mjpeg"}.get(path.suffix.lower(), path.suffix.lower().lstrip("."))
    return Clip(
        path, width, height, Fraction(24), Fraction(1, 24), 1, rotation=rotation, mirrored=mirrored,
        bit_depth=depth_of(picture), colour=colour, codec=codec,
    )  # fmt: skip


def _describe_exr(path: Path) -> Clip:
    width, height = size_of(path)
    return Clip(
        path,
        width,
        height,
        Fraction(24),
        Fraction(1, 24),
        1,
        bit_depth=16,
        codec="exr",
        colour=Colour("bt709", "iec61966-2-1"),
    )
