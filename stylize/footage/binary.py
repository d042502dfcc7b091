"""Which ffmpeg program is run."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache

from stylize.errors import MissingPart
from stylize.system.dependencies import install_hint
from stylize.system.limits import limits

OLDEST = (5, 1)
"""The first release with `-fps_mode`."""
NEEDED = ("libx264", "prores_ks")


@lru_cache(maxsize=1)
def ffmpeg_binary() -> str:
    """The ffmpeg on PATH if it is new enough and has the encoders needed, else imageio-ffmpeg's own.

    Raises:
        MissingPart: there is neither.
    """
    system = shutil.which("ffmpeg")
    if system and _serves(system):
        return system
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        found = f"{system} is too old or lacks an encoder" if system else "none is on PATH"
        raise MissingPart(
            f"No ffmpeg can write films: {found}.",
            hint=f"Install ffmpeg 5.1 or newer with libx264, or imageio-ffmpeg: {install_hint()}",
        ) from error


def _serves(program: str) -> bool:
    try:
        ask = [program, "-hide_banner", "-version"], [program, "-hide_banner", "-encoders"]
        version, encoders = (
            subprocess.run(
                words, capture_output=True, text=True, timeout=limits().answer_s, check=True
            ).stdout
            for words in ask
        )
    except (OSError, subprocess.SubprocessError):
        return False
    number = re.match(r"ffmpeg version n?(\d+)\.(\d+)", version)
    if number and (int(number[1]), int(number[2])) < OLDEST:
        return False
    return all(re.search(rf"\b{name}\b", encoders) for name in NEEDED)
