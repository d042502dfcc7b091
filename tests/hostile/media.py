"""A corpus of odd and broken media, made anew from a seed: good films of many kinds, and what happens to them."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stylize.footage import ffmpeg_binary

PICTURE = "testsrc2=size={size}:rate={rate}:duration={seconds}"
SOUND = "sine=frequency=440:sample_rate=48000:duration=0.5"


@dataclass(frozen=True)
class Kind:
    """A kind of film: its file's name, and the words that make it."""

    name: str
    words: tuple[str, ...]
    size: str = "64x48"
    rate: str = "24"
    seconds: float = 0.5
    sound: bool = False


KINDS = (
    Kind("h264.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"), sound=True),
    Kind("h264-bframes.mkv", ("-c:v", "libx264", "-bf", "3", "-g", "6")),
    Kind("h264-10bit.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le")),
    Kind("h264-444.mov", ("-c:v", "libx264", "-pix_fmt", "yuv444p"), size="63x47"),
    Kind("h264.ts", ("-c:v", "libx264", "-c:a", "mp2"), sound=True),
    Kind("h264.flv", ("-c:v", "libx264", "-an")),
    Kind("h264.264", ("-c:v", "libx264", "-f", "h264")),
    Kind("hevc.mp4", ("-c:v", "libx265", "-x265-params", "log-level=none:pools=1", "-tag:v", "hvc1")),
    Kind("vp9.webm", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime")),
    Kind("vp8.webm", ("-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime")),
    Kind("mpeg4.avi", ("-c:v", "mpeg4", "-c:a", "mp3"), sound=True),
    Kind("mjpeg.avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")),
    Kind("mpeg2.mpg", ("-c:v", "mpeg2video",), rate="25"),
    Kind("interlaced.mpg", ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", "1"), rate="25"),
    Kind("prores.mov", ("-c:v", "prores_ks", "-profile:v", "0")),
    Kind("alpha.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    Kind("alpha-rle.mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
    Kind("ffv1-12bit.mkv", ("-c:v", "ffv1", "-pix_fmt", "yuv422p12le")),
    Kind("ffv1-rgb.mkv", ("-c:v", "ffv1", "-pix_fmt", "gbrp10le")),
    Kind("raw.y4m", ("-pix_fmt", "yuv420p",)),
    Kind("raw.nut", ("-c:v", "rawvideo",)),
    Kind("gif.gif", (), size="32x24"),
    Kind("apng.apng", ("-f", "apng"), size="32x24"),
    Kind("grey.mkv", ("-c:v", "ffv1", "-pix_fmt", "gray")),
    Kind("rotated.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-metadata:s:v", "rotate=90")),
    Kind("anamorphic.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-vf", "setsar=64/45")),
    Kind("vfr.mkv", ("-c:v", "libx264", "-vf", "setpts='PTS+mod(N\\,3)*0.4/TB/24'", "-fps_mode", "passthrough")),
    Kind("negative.mkv", ("-c:v", "libx264", "-output_ts_offset", "-3", "-avoid_negative_ts", "disabled")),
    Kind("jump.ts", ("-c:v", "libx264", "-vf", "setpts='PTS+gte(N\\,6)*100/TB'", "-fps_mode", "passthrough")),
    Kind("late.mp4", ("-c:v", "libx264", "-output_ts_offset", "90000")),
    Kind("one-frame.mp4", ("-c:v", "libx264", "-frames:v", "1")),
    Kind("no-frame.mp4", ("-c:v", "libx264", "-frames:v", "0")),
    Kind("tiny.mkv", ("-c:v", "ffv1", "-vf", "scale=1:1"), seconds=0.2),
    Kind("narrow.mkv", ("-c:v", "ffv1", "-vf", "scale=2:200"), seconds=0.2),
    Kind("wide.mkv", ("-c:v", "ffv1", "-vf", "scale=16384:16"), seconds=0.1),
    Kind("fast.mp4", ("-c:v", "libx264"), rate="240", seconds=0.1),
    Kind("slow.mp4", ("-c:v", "libx264"), rate="1/7", seconds=30),
    Kind("sound.wav", ("-vn",), sound=True),
    Kind("sound.m4a", ("-vn", "-c:a", "aac"), sound=True),
    Kind("still.png", ("-frames:v", "1")),
    Kind("still.jpg", ("-frames:v", "1")),
    Kind("ünï 'quoted' \"and\" $(more) %%20 ;&.mp4", ("-c:v", "libx264")),
)  # fmt: skip


def make_kinds(folder: Path) -> list[Path]:
    """Writes a film of every kind that this ffmpeg can make."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for kind in KINDS:
        path = folder / kind.name
        source = PICTURE.format(size=kind.size, rate=kind.rate, seconds=kind.seconds)
        words = ["-f", "lavfi", "-i", source, *(("-f", "lavfi", "-i", SOUND) if kind.sound else ())]
        command = [
            ffmpeg_binary(),
            "-hide_banner",
            "-loglevel",
            "error",
            "-nostdin",
            "-y",
            *words,
            *kind.words,
        ]
        done = subprocess.run([*command, "-threads", "1", f"file:{path}"], capture_output=True, timeout=60)
        if done.returncode == 0 and path.exists():
            made.append(path)
    return made


Change = Callable[[bytearray, random.Random], bytes]


def cut_off(data: bytearray, dice: random.Random) -> bytes:
    return bytes(data[: dice.randrange(len(data))])


def flip_bits(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 3, 30, 300))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def flip_the_head(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 4, 16))):
        data[dice.randrange(min(len(data), 512))] = dice.randrange(256)
    return bytes(data)


def flip_the_tail(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 4, 16))):
        data[-1 - dice.randrange(min(len(data), 1024))] = dice.randrange(256)
    return bytes(data)


def absurd_numbers(data: bytearray, dice: random.Random) -> bytes:
    """Runs of four bytes become the largest or the smallest number."""
    for _ in range(dice.choice((1, 2, 6))):
        at = dice.randrange(len(data))
        data[at : at + 4] = dice.choice(
            (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0")
        )
    return bytes(data)


def lose_a_piece(data: bytearray, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    del data[start : start + dice.randrange(1, 1 + len(data) // 3)]
    return bytes(data)


def blank_a_piece(data: bytearray, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    length = min(dice.randrange(1, 4096), len(data) - start)
    data[start : start + length] = bytes(length)
    return bytes(data)


def repeat_a_piece(data: bytearray, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    piece = data[start : start + dice.randrange(1, 4096)]
    return bytes(data[:start] + piece * 2 + data[start:])


CHANGES: tuple[Change, ...] = (
    cut_off, flip_bits, flip_the_head, flip_the_tail, absurd_numbers, lose_a_piece, blank_a_piece, repeat_a_piece,
)  # fmt: skip
SUFFIXES = (".mp4", ".mkv", ".avi", ".png", ".exr", ".txt", ".jpg", ".mov", "")


@dataclass(frozen=True)
class Case:
    """One file of the corpus: its path, and what was done to a good film of which kind."""

    path: Path
    kind: str
    change: str


def corpus(folder: Path, count: int, seed: int) -> Iterator[Case]:
    """Writes `count` files one after the other: every kind as it is and under a wrong suffix, then changed ones."""
    kinds = make_kinds(folder / "kinds")
    for path in kinds[:count]:
        yield Case(path, path.name, "as it is")
    number, left = 0, count - len(kinds)
    while number < left:
        dice = random.Random(seed * 1_000_000 + number)
        source = kinds[number % len(kinds)]
        change = CHANGES[number // len(kinds) % (len(CHANGES) + 1) - 1] if number >= len(kinds) else None
        path = folder / f"{number:05d}{dice.choice(SUFFIXES) if change is None else source.suffix}"
        data = bytearray(source.read_bytes())
        path.write_bytes(bytes(data) if change is None else change(data, dice))
        yield Case(
            path, source.name, "another suffix" if change is None else change.__name__.replace("_", " ")
        )
        number += 1
