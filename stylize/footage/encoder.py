"""Frames into a film that is whole, exact in time, and carries its sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from stylize.errors import OutputError
from stylize.events import Listener, Note, silent
from stylize.footage.clip import Clip, Frame
from stylize.footage.target import STILL_FORMATS, FilmTarget, check_film


def write_film(
    frames: Iterable[Frame],
    out: Path,
    clip: Clip,
    *,
    format: str = "mp4",
    start: int = 0,
    end: int | None = None,
    audio: bool = True,
    overwrite: bool = False,
    straight: bool = False,
    listen: Listener = silent,
) -> Path:
    """Write the frames `start` to `end` of a clip as a film, or as an image sequence.

    Formats:
        `mp4`: H.264, 8 bits, in .mp4 or .mov. 4:2:0, but 4:4:4 where a side is odd, since 4:2:0 has no
            odd sizes and the film must come back at its own (hardware players may not show 4:4:4).
        `prores`: ProRes 422 HQ, 10 bits, in .mov; 4444 where a side is odd or the pixels have alpha.
        `png`, `png16`: 8 or 16 bits a channel, in the clip's own transfer.
        `exr`: half float, scene-linear by the sRGB transfer (IEC 61966-2-1), premultiplied.

    Films keep the clip's exact times, pixel aspect and sound: sound packets are copied bit for bit, those
    in the range where it is a part. Image sequences carry neither times nor sound. Their number stands
    where `out` says (`comp.%04d.png`), else `comp.png` becomes `comp.%06d.png`; it is the source's own
    for a sequence, else counts from 0 in the clip. Colours are coded by BT.709 (BT.2020 where the clip
    is) in studio range, and tagged so.

    The output appears under its name only when it is whole, on the disk, and checked; a failure leaves
    an older film as it was.

    Args:
        frames: exactly the range's frames in order, with their own index and pts; pixels float32
            (height, width, 3) in [0, 1] of one size, or with a fourth channel of straight alpha.
            One channel alone is a matte, for image sequences: no transfer is applied to it.
        out: the file, or the sequence's pattern.
        straight: EXR colours are not multiplied by alpha.
        listen: called with notes for the user, such as sound that an image sequence cannot carry.

    Returns:
        The film's path, or the sequence's pattern.

    Raises:
        UsageError: as `check_film`.
        OutputError: the frames are not the range's, or the film cannot be written.
        MissingPart: there is no ffmpeg.
    """
    target = check_film(
        Path(out), clip, format=format, start=start, end=end, audio=audio, overwrite=overwrite
    )
    target = replace(target, straight=straight)
    frames = in_order(frames, clip, target)
    if clip.is_still:
        from stylize.footage.write_stills import write_still

        write_still(frames, clip, target)
    elif target.pattern is not None:
        from stylize.footage.write_stills import write_stills

        if audio and clip.audio:
            listen(Note("An image sequence carries no sound: it stays in the source."))
        write_stills(frames, target.pattern, clip, target)
    else:
        from stylize.footage.film import write_container

        write_container(frames, clip, target, listen)
    return target.out


def in_order(frames: Iterable[Frame], clip: Clip, target: FilmTarget) -> Iterator[Frame]:
    """The frames, each checked to be the next of the range, at its time, and of the first one's shape.

    Raises:
        OutputError: one is missing, too many, out of order, or of another size.
    """
    due, shape = target.start, None
    for frame in frames:
        if due == target.end:
            raise _wrong(target, f"More frames came than the {target.end - target.start} of the range.")
        if frame.index != due or frame.pts != clip.pts_of(due):
            raise _wrong(target, f"Frame {frame.index} came where frame {due} belongs.")
        shape = shape or frame.pixels.shape
        channels = (1, 3, 4) if target.format in STILL_FORMATS else (3, 4)
        if frame.pixels.shape != shape or len(shape) != 3 or shape[2] not in channels:
            raise _wrong(target, f"Frame {due} has the shape {frame.pixels.shape}, the first one {shape}.")
        yield frame
        due += 1
    if due < target.end:
        raise _wrong(target, f"Only {due - target.start} of {target.end - target.start} frames came.")


def _wrong(target: FilmTarget, what: str) -> OutputError:
    return OutputError(
        what, where=target.out, hint="A pass lost or reordered frames: run it again, or report it."
    )
