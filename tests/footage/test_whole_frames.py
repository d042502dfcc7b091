"""Whole frames that are flagged as two fields, alone and among real ones: they keep all of their lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from stylize.footage import probe, read_frames
from stylize.footage.luma_fields import fields_of
from stylize.footage.whole_frames import is_whole

from .test_field_order import HEIGHT, WIDTH, Scene, fast_pan, of, pan, tilt, weave
from .test_fields import combs, stored

FRAMES = 24


def flagged(path: Path, scene: Scene, first: str = "tff") -> Path:
    """A film of 25 frames a second that is marked as interlaced, whatever it holds."""
    with av.open(str(path), "w") as container:
        options = {"crf": "8", "preset": "ultrafast", "x264-params": f"{first}=1"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for grey in of(scene, FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")))
        container.mux(stream.encode(None))
    return path


def mixed(time: float) -> np.ndarray:
    """Film in its first half, video in its second."""
    return pan(time) if time < FRAMES / 2 else weave(pan, "tff")(time)


def with_a_caption(time: float) -> np.ndarray:
    """Film with a caption that runs over it as video, a new place in every field."""
    picture = pan(time)

    def crawl(time: float) -> np.ndarray:
        letters = np.kron(np.random.default_rng(8).random((3, 60)) > 0.5, np.ones((8, 8))).astype(np.uint8)
        left = int(8 * time)
        return letters[:, left : left + WIDTH] * 255

    for first, moment in ((0, time), (1, time + 0.5)):
        picture[80 + first : 104 : 2] = crawl(moment)[first::2]
    return picture


def with_grain(time: float) -> np.ndarray:
    grain = np.random.default_rng(int(time)).normal(0, 4, (HEIGHT, WIDTH))
    return np.clip(pan(time) + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_25psf_keeps_every_line(tmp_path: Path, first: str) -> None:
    path = flagged(tmp_path / "psf.mp4", pan, first)
    clip = probe(path)
    assert clip.interlaced
    due = stored(path)
    for frame in read_frames(clip):
        assert np.abs(frame.pixels - due[frame.index]).max() < 0.02


@pytest.mark.parametrize("scene", [fast_pan, tilt, with_grain], ids=lambda each: each.__name__)
def test_other_film_is_whole_too(tmp_path: Path, scene: Scene) -> None:
    assert np.mean(wholes(flagged(tmp_path / "psf.mp4", scene))) > 0.9


@pytest.mark.parametrize("scene", [weave(pan, "tff"), weave(tilt, "tff"), with_a_caption])
def test_no_frame_of_video_is_taken_for_a_whole_one(
    tmp_path: Path, scene: Callable[[float], np.ndarray]
) -> None:
    path = flagged(tmp_path / "video.mp4", scene)
    assert not any(wholes(path))


def test_both_in_one_film(tmp_path: Path) -> None:
    path = flagged(tmp_path / "mixed.mp4", mixed)
    due, half = stored(path), FRAMES // 2
    read = [frame.pixels for frame in read_frames(probe(path))]
    for index in range(half - 1):
        assert np.abs(read[index] - due[index]).max() < 0.02
    before, after = (np.mean([combs(each) for each in pictures[half:]]) for pictures in (due, read))
    assert after < 0.5 * before
    part = list(read_frames(probe(path), half - 3, half + 3))
    assert all((frame.pixels == read[frame.index]).all() for frame in part)


def test_a_frame_in_which_nothing_moves_says_nothing() -> None:
    field = np.random.default_rng(1).random((40, 60)).astype(np.float32) * 255
    assert not is_whole((field, field), [(field, field)])
    assert not is_whole((field[:2], field[:2]), [(field[1:3], field[1:3])])


def wholes(path: Path) -> list[bool]:
    """Of every frame but the first and the last, whether it is taken for whole."""
    with av.open(str(path)) as container:
        fields = [fields_of(picture) for picture in container.decode(video=0)]
    return [
        is_whole(fields[at], [fields[at - 1], fields[at + 1]])  # type: ignore[list-item, arg-type]
        for at in range(1, len(fields) - 1)
    ]
