"""Clips with alpha: what is drawn, what is kept, and edges without the ground that they were drawn on."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from stylize.footage import probe, read_frames, source_files
from stylize.footage.alpha import cover_of_light, laid_on, on_own_colours, straight_of_light
from stylize.footage.clip import Shot
from stylize.footage.exr import write_exr
from stylize.footage.picture_scan import scan_pictures
from stylize.footage.read_alpha import read_alpha, read_cutouts
from stylize.footage.transfer import linear_from_srgb, srgb_from_linear

from .conftest import Make, run_ffmpeg

RAMP = "nullsrc=size=64x48:rate=24,format={},geq=r=200:g=60:b=40:a='X*255/63'"
"""One colour whose alpha goes from nothing on the left to all on the right."""
ALPHA = np.round(np.arange(64) * 255 / 63) / 255


def cut_out(path: Path, *coder: str, form: str = "rgba", frames: int = 3) -> Path:
    run_ffmpeg("-f", "lavfi", "-i", RAMP.format(form), "-frames:v", str(frames), *coder, str(path))
    return path


KINDS = {
    "ProRes 4444": ("a.mov", ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"]),
    "QuickTime Animation": ("q.mov", ["-c:v", "qtrle", "-pix_fmt", "argb"]),
    "PNG in QuickTime": ("p.mov", ["-c:v", "png", "-pix_fmt", "rgba"]),
    "FFV1": ("f.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuva420p"]),
    "VP9 in WebM": (
        "v.webm",
        ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-crf", "4", "-auto-alt-ref", "0"],
    ),
    "VP8 in WebM": (
        "v8.webm",
        ["-c:v", "libvpx", "-pix_fmt", "yuva420p", "-b:v", "4M", "-auto-alt-ref", "0"],
    ),
    "PNG sequence": ("s.%03d.png", ["-pix_fmt", "rgba"]),
    "16-bit PNG sequence": ("s16.%03d.png", ["-pix_fmt", "rgba64be"]),
    "TIFF sequence": ("t.%03d.tif", ["-pix_fmt", "rgba"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_alpha_is_read_and_colours_go_on_beyond_it(tmp_path: Path, kind: str) -> None:
    name, coder = KINDS[kind]
    clip = probe(cut_out(tmp_path / name, *coder))
    assert clip.has_alpha
    assert clip.notes[-1:] == (
        "The clip has alpha: a film in ProRes, PNG or EXR keeps it, any other shows it on white.",
    )
    loss = 0.03 if "VP" in kind else 0.012
    for plane, frame in zip(read_alpha(clip, range(3)), read_frames(clip), strict=True):
        assert plane == pytest.approx(np.tile(ALPHA, (48, 1)), abs=loss)
        due = np.full((48, 64, 3), np.array([200, 60, 40]) / 255, np.float32)
        assert np.abs(frame.pixels - due).max() < 2 * loss + 0.012


@pytest.mark.parametrize(
    ("name", "coder"),
    [
        ("plain.mov", ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuv444p10le"]),
        ("plain.webm", ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"]),
        ("plain.gif", []),
        ("plain.%03d.png", ["-pix_fmt", "rgb24"]),
    ],
)
def test_clips_without_alpha_are_left_alone(make: Make, name: str, coder: list[str]) -> None:
    assert not probe(make(name, *coder, frames=3)).has_alpha


def test_held_frames_may_be_asked_for_several_times(tmp_path: Path) -> None:
    clip = probe(cut_out(tmp_path / "a.mov", *KINDS["QuickTime Animation"][1]))
    assert [plane.shape for plane in read_alpha(clip, [0, 0, 2, 2, 2])] == [(48, 64)] * 5


def test_a_turned_clip_has_turned_alpha(tmp_path: Path) -> None:
    straight = cut_out(tmp_path / "a.mov", *KINDS["ProRes 4444"][1])
    run_ffmpeg("-display_rotation", "90", "-i", str(straight), "-c", "copy", str(tmp_path / "turned.mov"))
    clip = probe(tmp_path / "turned.mov")
    assert (clip.width, clip.height) == (48, 64)
    (plane,) = read_alpha(clip, [1])
    assert plane[0].mean() == pytest.approx(1, abs=0.02)
    assert plane[-1].mean() == pytest.approx(0, abs=0.02)


def test_a_fade_of_alpha_alone_is_no_held_picture(tmp_path: Path) -> None:
    """White letters that fade in are the same picture on white in every frame."""
    fade = "color=white:size=64x48:rate=24,format=rgba,geq=r=255:g=255:b=255:a='20*N'"
    run_ffmpeg("-f", "lavfi", "-i", fade, "-frames:v", "4", "-c:v", "qtrle", str(tmp_path / "f.mov"))
    clip = probe(tmp_path / "f.mov")
    assert scan_pictures(clip, [Shot(0, 4)], motion=False).pictures == (0, 1, 2, 3)


def test_a_channel_of_alpha_that_was_never_filled_leaves_the_picture_as_it_is(tmp_path: Path) -> None:
    light = np.random.default_rng(1).uniform(0.01, 0.6, (48, 64, 4)).astype(np.float32)
    light[..., 3] = 0
    write_exr(tmp_path / "r.1.exr", light, pixel_aspect=1)
    clip = probe(tmp_path / "r.%d.exr")
    (frame,), (cutout,) = read_frames(clip), read_cutouts(clip, [0])
    assert linear_from_srgb(frame.pixels) == pytest.approx(light[..., :3], abs=2e-3)
    assert cutout.cover.min() == 1
    assert cutout.alpha.max() == 0


def test_a_fade_of_light_without_alpha_is_no_held_picture(tmp_path: Path) -> None:
    """Its straight colours and its alpha stay the same: only its cover changes."""
    for number, glow in enumerate((0.1, 0.2, 0.2, 0.3)):
        light = np.zeros((48, 64, 4), np.float32)
        light[8:40, 8:56, :3] = glow
        write_exr(tmp_path / f"g.{number}.exr", light, pixel_aspect=1)
    clip = probe(tmp_path / "g.%d.exr")
    assert scan_pictures(clip, [Shot(0, 4)], motion=False).pictures == (0, 1, 1, 3)


def test_light_of_openexr_is_taken_apart_without_loss(tmp_path: Path) -> None:
    """It is multiplied by alpha already; a glow has light without any."""
    light = np.zeros((8, 8, 4), np.float32)
    light[:4], light[4:] = (0.2, 0.1, 0.05, 0.5), (0.3, 0.3, 0.3, 0.0)
    write_exr(tmp_path / "r.1.exr", light, pixel_aspect=1)
    clip = probe(tmp_path / "r.%d.exr")
    assert clip.has_alpha
    assert clip.treatment == ("light on own colours 1",)
    (frame,), (plane,), (cutout,) = read_frames(clip), read_alpha(clip, [0]), read_cutouts(clip, [0])
    straight = linear_from_srgb(frame.pixels)
    assert straight[:4] == pytest.approx(np.full((4, 8, 3), (0.4, 0.2, 0.1)), abs=2e-3)
    assert straight * cutout.cover[..., None] == pytest.approx(light[..., :3], abs=2e-3)
    assert plane == pytest.approx(light[..., 3], abs=1e-3)
    assert (cutout.alpha == plane).all()


def figure() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A disc with a soft edge, a square with a hard one, and lines one pixel wide: the colours that go on beyond
    them, the same as they are stored, with black where nothing is to be seen, and alpha."""
    import cv2

    rows, columns = np.mgrid[:200, :300].astype(np.float32)
    colours = np.stack([0.2 + rows / 400, 0.45 - columns / 900, 0.15 + 0 * rows], axis=2).astype(np.float32)
    alpha = np.clip((60 - np.hypot(rows - 110, columns - 100)) / 6, 0, 1).astype(np.float32)
    alpha[20:80, 180:250] = 1
    for at in range(180, 280, 12):
        cv2.line(alpha, (at, 100), (at + 15, 190), 1.0, 1, cv2.LINE_AA)
    return colours, np.where(alpha[..., None] > 0, colours, 0).astype(np.float32), alpha


@pytest.mark.parametrize("ground", [0.0, 1.0, (0.1, 0.7, 0.2)])
def test_a_drawing_that_mixes_neighbours_has_no_rim(ground: object) -> None:
    import cv2

    colours, stored, alpha = figure()

    def shown(plate: np.ndarray) -> np.ndarray:
        return laid_on(cv2.GaussianBlur(plate, (0, 0), 2.0), alpha, np.asarray(ground, np.float32))

    due = laid_on(colours, alpha, np.asarray(ground, np.float32))
    assert np.abs(shown(on_own_colours(stored, alpha)) - due).max() < 0.03
    assert np.abs(shown(laid_on(stored, alpha)) - due).max() > 0.3  # the rim that a white ground leaves


def test_a_drawing_of_light_has_no_rim_and_keeps_its_glow() -> None:
    """The same for OpenEXR, merged in linear light; drawn on black, a dark rim stays."""
    import cv2

    colours, _, alpha = figure()
    light = (linear_from_srgb(colours) * alpha[..., None]).astype(np.float32)
    rows, columns = np.mgrid[:200, :300]
    glow = np.clip(0.3 - np.hypot(rows - 40, columns - 60) / 100, 0, None).astype(np.float32)
    light[..., 0] += glow
    cover, back = cover_of_light(light, alpha), np.float32(0.7)

    def merged(drawing: np.ndarray, cover: np.ndarray | float) -> np.ndarray:
        shown = linear_from_srgb(cv2.GaussianBlur(drawing, (0, 0), 2.0)) * np.float32(cover)
        return shown + back * (1 - alpha[..., None])

    edges = (cv2.dilate(alpha, np.ones((7, 7))) > 0) & (cv2.erode(alpha, np.ones((7, 7))) < 1)
    due = light + back * (1 - alpha[..., None])
    ours = np.abs(merged(straight_of_light(light, alpha), cover[..., None]) - due)
    on_black = np.abs(merged(srgb_from_linear(light), 1.0) - due)
    assert ours.max() < 0.06
    assert ours[edges].mean() < 0.2 * on_black[edges].mean()
    assert on_black[edges].max() > 0.15


def test_colours_go_on_and_fade_into_white() -> None:
    _, stored, alpha = figure()
    plate = on_own_colours(stored, alpha)
    assert np.abs(plate - stored)[alpha >= 0.25].max() < 1e-6
    assert plate[110, 35] == pytest.approx([0.47, 0.39, 0.15], abs=0.08)  # 5 px from the disc
    assert (plate[:8, :60] == 1).all()


def test_a_picture_of_nothing_is_white() -> None:
    assert (on_own_colours(np.zeros((9, 7, 3), np.float32), np.zeros((9, 7), np.float32)) == 1).all()


def test_a_frame_without_alpha_among_others_is_opaque(tmp_path: Path) -> None:
    cut_out(tmp_path / "m.%d.png", "-pix_fmt", "rgba", frames=2)
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1", str(tmp_path / "m.3.png"))
    clip = probe(tmp_path / "m.%d.png")
    assert clip.has_alpha
    assert len(source_files(clip)) == 3
    assert next(read_alpha(clip, [2])).min() == 1


def test_the_stream_beside_the_picture_is_found_only_where_it_is_said(tmp_path: Path) -> None:
    path = cut_out(tmp_path / "v.webm", *KINDS["VP9 in WebM"][1], frames=12)
    clip = probe(path)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    whole = list(read_alpha(clip, range(12)))
    assert (next(read_alpha(clip, [7])) == whole[7]).all()
