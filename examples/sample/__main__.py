"""`python -m examples.sample OUT.mp4`: render the clip, or some of its frames, and encode it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import ffmpeg
import imageio_ffmpeg
import numpy as np

from .film import RATE, Film
from .scene import street
from .sound import SAMPLE_RATE, soundtrack, write_wav
from .texture import Floats


def encode(path: Path, film: Film, pictures: Iterable[Floats], sound: Floats, *, crf: int) -> None:
    """Write pictures in [0, 1] and stereo sound as H.264 (yuv420p, BT.709, limited range) and AAC."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "sound.wav"
        write_wav(wav, sound)
        frames = ffmpeg.input(
            "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{film.width}x{film.height}", framerate=RATE
        )
        frames = frames.filter("scale", out_color_matrix="bt709", out_range="tv", flags="accurate_rnd")
        frames = frames.filter("format", "yuv420p")
        tags = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
        out = ffmpeg.output(
            frames,
            ffmpeg.input(str(wav)),
            str(path),
            vcodec="libx264", preset="veryslow", crf=crf, tune="film", acodec="aac", audio_bitrate="128k",
            movflags="+faststart", loglevel="error", fflags="+bitexact", **tags,
        )  # fmt: skip
        command = ffmpeg.compile(out.overwrite_output(), cmd=imageio_ffmpeg.get_ffmpeg_exe())
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for picture in pictures:
                process.stdin.write(np.round(picture * 255).astype(np.uint8).tobytes())
            process.stdin.close()
        if process.returncode:
            raise SystemExit(f"ffmpeg could not write {path} (status {process.returncode}).")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.sample", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.mp4")
    parser.add_argument("--frames", metavar="A-B", help="only these frames, both included")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--seconds", type=float, default=3.5)
    parser.add_argument("--samples", type=int, choices=range(1, 5), default=4, help="sub-frames a frame")
    parser.add_argument("--crf", type=int, default=19, help="H.264 quality: less is better and larger")
    asked = parser.parse_args(arguments)
    if asked.width % 2 or asked.height % 2:
        parser.error("--width and --height must be even for H.264.")
    film = Film(asked.width, asked.height, asked.seconds, asked.samples)
    first, last = _range(parser, asked.frames, film.frame_count)

    began = time.monotonic()

    def pictures() -> Iterable[Floats]:
        the_set = street()
        for frame in range(first, last + 1):
            yield film.render(the_set, frame)
            done = frame - first + 1
            took = time.monotonic() - began
            print(f"\rframe {done}/{last - first + 1}, {took:.0f} s", end="", file=sys.stderr, flush=True)

    start, end = (round(frame / RATE * SAMPLE_RATE) for frame in (first, last + 1))
    encode(asked.out, film, pictures(), soundtrack(film)[start:end], crf=asked.crf)
    print(f"\n{asked.out}: {asked.out.stat().st_size / 1e6:.2f} MB", file=sys.stderr)


def _range(parser: argparse.ArgumentParser, text: str | None, count: int) -> tuple[int, int]:
    if text is None:
        return 0, count - 1
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) < count):
        parser.error(f"--frames must be A-B with 0 <= A <= B <= {count - 1}, not {text!r}.")
    return int(first), int(last)


if __name__ == "__main__":
    main()
