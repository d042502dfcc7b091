from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from stylize.errors import FootageError, UsageError
from stylize.footage import probe, read_frames

from .conftest import Make, run_ffmpeg

REAL = [
    ("juggle_720p24", 1280, 720, Fraction(24), 247),
    ("cups_720p30_audio", 1280, 720, Fraction(30000, 1001), 300),
    ("runner_512p20", 512, 512, Fraction(20), 120),
    ("bikes_cuts_272p25", 640, 272, Fraction(25), 250),
    ("cuts_720p30", 1280, 720, Fraction(30000, 1001), 720),
    ("fades_320p25_mpeg4", 480, 320, Fraction(25), 250),
    ("counter", 1920, 1080, Fraction(10), 30),
]


@pytest.mark.parametrize(("name", "width", "height", "rate", "count"), REAL, ids=[row[0] for row in REAL])
def test_real_clips_are_counted_exactly(
    shared_data: Path, name: str, width: int, height: int, rate: Fraction, count: int
) -> None:
    clip = probe(shared_data / "clips" / f"{name}.mp4")
    assert (clip.width, clip.height, clip.rate, clip.frame_count) == (width, height, rate, count)
    assert len(clip.pts) == count
    assert clip.has_constant_rate


def test_real_sound_and_tags(shared_data: Path) -> None:
    clip = probe(shared_data / "clips" / "cups_720p30_audio.mp4")
    assert [(a.codec, a.sample_rate, a.channels) for a in clip.audio] == [("aac", 48000, 2)]
    assert (clip.colour.matrix, clip.colour.range) == ("bt709", "tv")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("bframes.mp4", ["-c:v", "libx264", "-bf", "3"]),
        ("hevc.mkv", ["-c:v", "libx265", "-x265-params", "log-level=none"]),
        ("vp8.webm", ["-c:v", "libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "10", "-b:v", "200k"]),
        ("packed.avi", ["-c:v", "mpeg4", "-bf", "2"]),
        ("broadcast.ts", ["-c:v", "mpeg2video", "-bf", "2"]),
        ("h264.ts", ["-c:v", "libx264"]),
        ("prores.mov", ["-c:v", "prores_ks"]),
        ("anim.gif", []),
    ],
)
def test_count_is_what_decodes(make: Make, name: str, options: list[str]) -> None:
    clip = probe(make(name, *options, rate="25", frames=30))
    assert clip.frame_count == 30
    frames = list(read_frames(clip))
    assert [f.index for f in frames] == list(range(30))
    assert [f.pts for f in frames] == list(clip.pts)


def test_edit_list_hides_frames_before_the_cut(make: Make, tmp_path: Path) -> None:
    whole = make("whole.mp4", "-c:v", "libx264", "-g", "24", frames=48)
    cut = tmp_path / "cut.mp4"
    run_ffmpeg("-ss", "0.5", "-i", str(whole), "-c", "copy", str(cut))
    clip = probe(cut)
    assert clip.frame_count == 36
    assert len(list(read_frames(clip))) == 36


def test_rates_are_exact_where_times_are_rounded(make: Make) -> None:
    clip = probe(make("ntsc.mkv", "-c:v", "libx264", rate="30000/1001", frames=40))
    assert clip.time_base == Fraction(1, 1000)
    assert clip.rate == Fraction(30000, 1001)
    assert clip.has_constant_rate


def test_variable_rate_keeps_every_time(make: Make) -> None:
    clip = probe(
        make("vfr.mp4", "-c:v", "libx264", "-vf", "select='not(mod(n,5))+not(mod(n,3))'", "-fps_mode", "vfr")
    )
    ticks = [int(pts * clip.time_base * 24) for pts in clip.pts]
    assert ticks == [0, 3, 5, 6, 9, 10, 12, 15, 18, 20, 21, 24]
    assert not clip.has_constant_rate


@pytest.mark.parametrize(("turn", "size"), [(90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_rotation_is_upright(make: Make, tmp_path: Path, turn: int, size: tuple[int, int]) -> None:
    flat = make("flat.mp4", "-c:v", "libx264", "-crf", "1", "-pix_fmt", "yuv444p", frames=2)
    turned = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation:v", str(turn), "-i", str(flat), "-c", "copy", str(turned))
    clip = probe(turned)
    assert (clip.width, clip.height) == size
    assert clip.rotation == (360 - turn) % 360  # ffmpeg's option counts anticlockwise
    upright = tmp_path / "upright.mkv"  # ffmpeg turns the pixels itself here
    run_ffmpeg("-i", str(turned), "-c:v", "ffv1", str(upright))
    for ours, theirs in zip(read_frames(clip), read_frames(probe(upright)), strict=True):
        assert abs(ours.pixels - theirs.pixels).mean() < 0.01


def test_mirror_is_undone(make: Make, tmp_path: Path) -> None:
    flat = make("flat.mp4", "-c:v", "libx264", "-crf", "1", frames=1)
    flipped = tmp_path / "flipped.mp4"
    run_ffmpeg("-display_hflip:v", "-i", str(flat), "-c", "copy", str(flipped))
    clip = probe(flipped)
    assert clip.mirrored
    (ours,), (stored,) = read_frames(clip), read_frames(probe(flat))
    assert (ours.pixels == stored.pixels[:, ::-1]).all()


def test_pixel_aspect_turns_with_the_picture(make: Make, tmp_path: Path) -> None:
    wide = make("wide.mp4", "-c:v", "libx264", "-vf", "setsar=4/3")
    assert probe(wide).pixel_aspect == Fraction(4, 3)
    turned = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation:v", "90", "-i", str(wide), "-c", "copy", str(turned))
    assert probe(turned).pixel_aspect == Fraction(3, 4)


def test_ten_bits(make: Make) -> None:
    assert probe(make("deep.mov", "-c:v", "prores_ks")).bit_depth == 10


def test_cover_art_is_not_the_film(make: Make, tmp_path: Path) -> None:
    film = make("film.mp4", "-c:v", "libx264")
    cover = make("cover.png", frames=1, size="200x200")
    both = tmp_path / "both.mp4"
    run_ffmpeg(
        "-i", str(cover), "-i", str(film), "-map", "0", "-map", "1", "-c", "copy", "-c:v:0", "png",
        "-disposition:v:0", "attached_pic", str(both),
    )  # fmt: skip
    clip = probe(both)
    assert (clip.width, clip.frame_count) == (64, 12)


# ---------------------------------------------------------------------- what is refused


def refused(path: Path, kind: type[Exception], *words: str) -> None:
    with pytest.raises(kind) as caught:
        list(read_frames(probe(path)))
    for word in words:
        assert word in str(caught.value)
    assert caught.value.hint  # type: ignore[attr-defined]


def test_text_named_mp4(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("shot 1: a man walks in\n" * 50)
    refused(path, FootageError, "notes.mp4", "not a film")


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    refused(tmp_path / "empty.mp4", FootageError)


def test_cut_before_the_index(make: Make) -> None:
    path = make("tail.mp4", "-c:v", "libx264", frames=24)
    path.write_bytes(path.read_bytes()[:-1500])
    refused(path, FootageError, "cut short")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", ["-c:v", "libx264", "-movflags", "+faststart"]),
        ("a.mkv", ["-c:v", "libx264"]),
        ("a.avi", ["-c:v", "mjpeg"]),
        ("a.mov", ["-c:v", "prores_ks", "-movflags", "+faststart"]),
    ],
)
def test_cut_in_the_middle(make: Make, name: str, options: list[str]) -> None:
    path = make(name, *options, frames=120, size="160x120")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    refused(path, FootageError)


def test_cut_between_two_frames(make: Make) -> None:
    """No packet is broken here: only the index knows that more should come."""
    path = make("a.mp4", "-c:v", "libx264", "-movflags", "+faststart", frames=48)
    with av.open(str(path)) as container:
        ends = sorted(packet.pos + packet.size for packet in container.demux(video=0) if packet.size)
    path.write_bytes(path.read_bytes()[: ends[23]])
    with pytest.raises(FootageError, match="24 of its 48 frames are missing"):
        probe(path)


def test_damaged_in_the_middle(make: Make) -> None:
    path = make("a.mp4", "-c:v", "libx264", "-movflags", "+faststart", frames=48, size="320x240")
    data = bytearray(path.read_bytes())
    middle = len(data) * 6 // 10
    data[middle : middle + 2000] = bytes(range(1, 251)) * 8
    path.write_bytes(data)
    refused(path, FootageError)


def test_no_frames(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "none.mov"
    run_ffmpeg("-i", str(make("some.mp4", "-c:v", "libx264")), "-frames:v", "0", "-c:v", "copy", str(path))
    refused(path, FootageError)


def test_only_sound(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", str(path))
    refused(path, FootageError, "only sound")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    refused(tmp_path / "nothing.mp4", UsageError, "no such file")
    refused(tmp_path, UsageError, "folder")
    assert UsageError.exit_code == 2


# ---------------------------------------------------------------------- image sequences


@pytest.fixture
def plates(make: Make, tmp_path: Path) -> Path:
    (tmp_path / "plates").mkdir()
    make("plates/shot.%04d.png", "-start_number", "1001", frames=5)
    return tmp_path / "plates"


@pytest.mark.parametrize("name", ["shot.%04d.png", "shot.####.png"])
def test_sequence(plates: Path, name: str) -> None:
    clip = probe(plates / name, rate=Fraction(24000, 1001))
    assert (clip.frame_count, clip.first_number, clip.rate) == (5, 1001, Fraction(24000, 1001))
    assert clip.path.name == "shot.%04d.png"
    frames = list(read_frames(clip, 1, 4))
    assert [(f.index, f.pts) for f in frames] == [(1, 1), (2, 2), (3, 3)]
    assert clip.seconds_of(3) == Fraction(3 * 1001, 24000)


def test_sequence_with_holes_names_them(plates: Path) -> None:
    (plates / "shot.1002.png").unlink()
    (plates / "shot.1004.png").unlink()
    refused(plates / "shot.####.png", FootageError, "2 of the sequence's 5 frames", "1002, 1004")


def test_sequence_of_two_sizes(plates: Path, make: Make) -> None:
    make("odd.png", frames=1, size="32x32").replace(plates / "shot.1003.png")
    refused(plates / "shot.####.png", FootageError, "shot.1003.png", "32x32", "64x48")


def test_sequence_with_a_damaged_frame(plates: Path) -> None:
    frame = plates / "shot.1003.png"
    frame.write_bytes(frame.read_bytes()[:300])
    refused(plates / "shot.####.png", FootageError, "shot.1003.png")


def test_no_sequence(tmp_path: Path) -> None:
    refused(tmp_path / "shot.%04d.png", UsageError, "No file")


def test_one_numbered_frame_is_a_still(plates: Path) -> None:
    clip = probe(plates / "shot.1003.png")
    assert (clip.is_still, clip.is_sequence, clip.frame_count) == (True, False, 1)
