"""Which ffmpeg is at hand and what it can do."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from stylize.errors import MissingPart
from stylize.footage.binary import NEEDED, ffmpeg_binary
from stylize.system.limits import limits


@dataclass(frozen=True)
class FfmpegFacts:
    """The program that films are written with, and which of the encoders we need it has."""

    program: str
    version: str
    encoders: tuple[str, ...]
    missing: tuple[str, ...]


def read_ffmpeg() -> FfmpegFacts:
    """Asks ffmpeg about itself.

    Raises:
        MissingPart: there is none, or it does not run.
    """
    program = ffmpeg_binary()
    version, encoders = (_ask(program, flag) for flag in ("-version", "-encoders"))
    number = re.match(r"ffmpeg version (\S+)", version)
    has = tuple(name for name in NEEDED if re.search(rf"\b{name}\b", encoders))
    return FfmpegFacts(program, number[1] if number else "unknown", has, tuple(set(NEEDED) - set(has)))


def _ask(program: str, flag: str) -> str:
    try:
        words = [program, "-hide_banner", flag]
        return subprocess.run(
            words, capture_output=True, text=True, timeout=limits().answer_s, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingPart(
            f"ffmpeg does not run: {error}.", where=program, hint="install ffmpeg 5.1 or newer again"
        ) from error
