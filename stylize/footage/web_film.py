"""Small films for web pages: H.264 and AAC, which every browser plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stylize.events import silent
from stylize.footage.clip import Clip, Frame
from stylize.footage.film import write_container
from stylize.footage.target import FilmTarget


def write_web_film(
    frames: Iterator[Frame], out: Path, clip: Clip, span: range, *, sound: bool = True
) -> Path:
    """Writes frames of a clip as a small film that keeps their exact times, with the clip's first sound.

    It is coded for scrubbing: a key frame twice a second, and at most about 9 MB in all.

    Args:
        frames: exactly those of `span`, in order; (height, width, 3) float32 of one even size.
        out: an .mp4 file; one that is there is replaced.
        clip: gives the times and the sound; its pixels are taken for square.

    Raises:
        OutputError: the film cannot be written. MissingPart: there is no ffmpeg.
    """
    audio = clip.audio[:1] if sound else ()
    target = FilmTarget(out, "web", span.start, span.stop, audio, overwrite=True)
    write_container(frames, clip, target, silent)
    return out
