"""Small clips, made by ffmpeg on the fly."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stylize.footage import ffmpeg_binary

Make = Callable[..., Path]


def run_ffmpeg(*words: str) -> None:
    subprocess.run([ffmpeg_binary(), "-hide_banner", "-loglevel", "error", "-y", *words], check=True)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """make(name, *output options, size=, rate=, frames=, sound=): a test pattern as a film."""

    def build(
        name: str,
        *options: str,
        size: str = "64x48",
        rate: str = "24",
        frames: int = 12,
        sound: str | None = None,
        source: str = "testsrc2",
    ) -> Path:
        out = tmp_path / name
        words = ["-f", "lavfi", "-i", f"{source}=size={size}:rate={rate}"]
        if sound:
            words += ["-f", "lavfi", "-i", "anoisesrc=seed=1:amplitude=0.3:sample_rate=48000", "-c:a", sound]
            words += ["-shortest"]
        run_ffmpeg(*words, "-frames:v", str(frames), *options, str(out))
        return out

    return build
