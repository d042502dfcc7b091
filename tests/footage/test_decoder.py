from __future__ import annotations

import tracemalloc
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from stylize.errors import FootageError, UsageError
from stylize.footage import Clip, probe, read_frames
from stylize.footage.decoder import pick_frames
from stylize.footage.sequence import Pattern

from .conftest import Make

GROUPS = {
    "closed": ["-c:v", "libx264", "-g", "10", "-bf", "3"],
    "open": ["-c:v", "libx264", "-g", "10", "-bf", "3", "-x264-params", "open-gop=1:b-adapt=0:scenecut=0"],
    "refresh": ["-c:v", "libx264", "-g", "12", "-x264-params", "intra-refresh=1"],
    "hevc": ["-c:v", "libx265", "-x265-params", "keyint=10:open-gop=1:bframes=3:log-level=none"],
    "mpeg2": ["-c:v", "mpeg2video", "-g", "10", "-bf", "2"],
}


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("group", GROUPS)
def test_a_frame_is_the_same_from_any_start(make: Make, group: str, container: str) -> None:
    clip = probe(make(f"a.{container}", *GROUPS[group], frames=48, size="96x64"))
    whole = list(read_frames(clip))
    assert len(whole) == clip.frame_count == 48
    for start in (1, 9, 10, 11, 19, 23, 37, 47):
        part = list(islice(read_frames(clip, start), 3))
        for got, due in zip(part, whole[start:], strict=False):
            assert (got.index, got.pts) == (due.index, due.pts)
            assert np.array_equal(got.pixels, due.pixels), f"frame {got.index} from {start}"


def test_seeking_does_not_decode_from_the_beginning(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from stylize.footage import decoder

    seen: list[int] = []
    plain = decoder.decoded

    def counting(*words: object, **names: object):  # type: ignore[no-untyped-def]
        for picture in plain(*words, **names):  # type: ignore[arg-type]
            seen.append(picture.pts)
            yield picture

    monkeypatch.setattr(decoder, "decoded", counting)
    clip = probe(make("a.mp4", *GROUPS["open"], frames=60))
    list(read_frames(clip, 55, 57))
    assert len(seen) < 25


def test_frames_of_a_sequence_on_twos_are_found_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names of all its files for every one of them would take a long sequence ever longer."""
    for number in range(5, 45):
        cv2.imwrite(str(tmp_path / f"a.{number:04d}.png"), np.full((4, 4, 3), number, np.uint8))
    clip = probe(tmp_path / "a.%04d.png")
    asked: list[int] = []
    plain = Pattern.file

    def counted(self: Pattern, number: int) -> Path:
        asked.append(number)
        return plain(self, number)

    monkeypatch.setattr(Pattern, "file", counted)
    frames = list(pick_frames(clip, range(0, 40, 2)))
    assert [round(float(frame.pixels[0, 0, 0]) * 255) for frame in frames] == list(range(5, 45, 2))
    assert asked == list(range(5, 45, 2))


def test_real_clip_seeks_exactly(shared_data: Path) -> None:
    clip = probe(shared_data / "clips" / "cups_720p30_audio.mp4")
    whole = {f.index: f for f in read_frames(clip, 0, 34) if f.index in (13, 33)}
    for index, due in whole.items():
        (got,) = read_frames(clip, index, index + 1)
        assert got.pts == due.pts
        assert np.array_equal(got.pixels, due.pixels)


def test_memory_is_bounded(make: Make) -> None:
    clip = probe(make("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", frames=300, size="128x96"))
    frame_bytes = 128 * 96 * 3 * 4
    tracemalloc.start()
    for _ in read_frames(clip):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * frame_bytes


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 3), (0, 13), (12, None)])
def test_ranges_outside_the_clip(make: Make, start: int, end: int | None) -> None:
    clip = probe(make("a.mp4"))
    with pytest.raises(UsageError, match="12 frames"):
        read_frames(clip, start, end)


def test_a_clip_that_changed_since_it_was_probed(make: Make) -> None:
    clip = probe(make("a.mp4", frames=24))
    make("a.mp4", frames=12)
    with pytest.raises(FootageError, match="12"):
        list(read_frames(clip))


# ---------------------------------------------------------------------- colour

COLOURS = [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.8, 0.2, 0.1), (0.1, 0.7, 0.3), (0.2, 0.3, 0.9)]
SPACES = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}


def write_flat(
    path: Path, colour: tuple[float, ...], matrix: str | None, full: bool, depth: int, size: int
) -> None:
    """One flat lossless frame whose code values are computed here, from the standard's equations."""
    kr, kb = SPACES[matrix or ("bt709" if size > 576 else "smpte170m")]
    r, g, b = colour
    y = kr * r + (1 - kr - kb) * g + kb * b
    parts = y, (b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)
    one = 1 << (depth - 8)
    if full:
        codes = [round(parts[0] * (256 * one - 1))] + [
            round(p * (256 * one - 1)) + 128 * one for p in parts[1:]
        ]
    else:
        codes = [round(parts[0] * 219 * one + 16 * one)] + [
            round(p * 224 * one) + 128 * one for p in parts[1:]
        ]
    name = "yuv420p" if depth == 8 else f"yuv420p{depth}le"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = size, size, name
        context = stream.codec_context
        context.color_range = 2 if full else 1
        context.colorspace = {"bt709": 1, "smpte170m": 6, "bt2020nc": 9, None: 2}[matrix]
        picture = av.VideoFrame(size, size, name)
        for plane, code in zip(picture.planes, codes, strict=True):
            unit = code.to_bytes(1 if depth == 8 else 2, "little")
            plane.update(unit * (plane.buffer_size // len(unit)))
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("depth", [8, 10, 12])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc"])
def test_colours_by_the_tags(tmp_path: Path, matrix: str, full: bool, depth: int) -> None:
    for number, colour in enumerate(COLOURS):
        write_flat(tmp_path / f"{number}.mkv", colour, matrix, full, depth, 32)
        clip = probe(tmp_path / f"{number}.mkv")
        (frame,) = read_frames(clip)
        assert frame.pixels.dtype == np.float32
        assert frame.pixels.shape == (32, 32, 3)
        np.testing.assert_allclose(frame.pixels[16, 16], colour, atol=2.2 / (1 << depth))
    assert clip.bit_depth == depth


@pytest.mark.parametrize("size", [64, 720])
def test_untagged_colours_by_size(tmp_path: Path, size: int) -> None:
    write_flat(tmp_path / "a.mkv", COLOURS[2], None, False, 8, size)
    (frame,) = read_frames(probe(tmp_path / "a.mkv"))
    np.testing.assert_allclose(frame.pixels[9, 9], COLOURS[2], atol=0.009)


@pytest.mark.parametrize("name", ["gray", "rgb24", "rgb48le", "gray16le", "yuv411p", "rgba", "pal8", "monob"])
def test_other_pixel_formats(make: Make, name: str) -> None:
    options = ["-pix_fmt", name, "-c:v", "ffv1" if name not in ("pal8", "monob", "rgb24") else "png"]
    if name == "rgba":
        options[-1] = "png"
    clip: Clip = probe(
        make("a.mov" if options[-1] == "png" else "a.mkv", *options, frames=1, source="smptebars")
    )
    (frame,) = read_frames(clip)
    assert frame.pixels.shape == (48, 64, 3)
    if name != "monob":
        bar = frame.pixels[10, 2]  # the first bar is 75% grey; a palette has few greys
        np.testing.assert_allclose(bar, 0.75, atol=0.1 if name == "pal8" else 0.02)


def test_full_range_jpeg_sequence(make: Make) -> None:
    make("a.%03d.jpg", "-q:v", "1", frames=2, source="smptebars")
    clip = probe(make("b.png", frames=1).parent / "a.%03d.jpg")
    frame = next(iter(read_frames(clip)))
    np.testing.assert_allclose(frame.pixels[10, 4], 0.75, atol=0.02)
    assert frame.pixels.max() > 0.97
    assert frame.pixels.min() < 0.03
