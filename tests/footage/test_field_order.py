"""Footage of two fields a frame that no flag tells of, and progressive footage that looks a little like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from stylize.footage import probe, read_frames

from .test_fields import combs, stored

HEIGHT, WIDTH = 120, 160
Scene = Callable[[float], np.ndarray]
"""The grey picture, uint8, at a time in frames."""


def texture(seed: int = 3) -> np.ndarray:
    """A wide smooth picture with edges to pan over, rows twice those of a frame."""
    noise = np.random.default_rng(seed).random((HEIGHT // 5, 220))
    rough = np.kron(noise, np.ones((10, 10)))
    kernel = np.ones(5) / 5
    smooth = np.apply_along_axis(np.convolve, 1, rough, kernel, "same")
    return (np.apply_along_axis(np.convolve, 0, smooth, kernel, "same") * 255).astype(np.uint8)


WIDE = texture()


def pan(time: float, speed: float = 5) -> np.ndarray:
    left = round(10 + speed * time)
    return WIDE[:HEIGHT, left : left + WIDTH].copy()


def weave(scene: Scene, first: str) -> Scene:
    """Frames of two fields, half a frame apart."""
    early = 0 if first == "tff" else 1

    def frame(time: float) -> np.ndarray:
        picture = scene(time)
        picture[1 - early :: 2] = scene(time + 0.5)[1 - early :: 2]
        return picture

    return frame


def film(path: Path, pictures: Iterator[np.ndarray], rate: int = 25) -> Path:
    """Coded as progressive."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "12", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for grey in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")))
        container.mux(stream.encode(None))
    return path


def of(scene: Scene, frames: int = 40) -> Iterator[np.ndarray]:
    return (scene(float(time)) for time in range(frames))


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_unmarked_fields_are_found_and_deinterlaced(tmp_path: Path, first: str) -> None:
    path = film(tmp_path / "tape.mp4", of(weave(pan, first)))
    clip = probe(path)
    assert (clip.interlaced, clip.field_order, clip.rate) == (True, first, 25)
    assert clip.treatment == (f"bwdif 1 {first}",)
    assert clip.notes == (
        "The clip is interlaced, though it is not marked so: it is deinterlaced before it is drawn.",
    )
    whole = [frame.pixels for frame in read_frames(clip)]
    assert len(whole) == 40
    assert np.mean([combs(each) for each in whole]) < 0.3 * np.mean([combs(each) for each in stored(path)])
    part = list(read_frames(clip, 17, 20))
    assert all((frame.pixels == whole[frame.index]).all() for frame in part)


def with_stripes(time: float) -> np.ndarray:
    """Stripes of one row each, before which something passes, in and out of the picture."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    picture[::2] = 220
    left = int(6 * time) - 40
    picture[30:90, max(0, left) : max(0, left + 40)] = 235
    return picture


def with_thin_lines(time: float) -> np.ndarray:
    picture = np.full((HEIGHT, WIDTH), 30, np.uint8)
    for row in range(5, HEIGHT, 9):
        picture[(row + int(time)) % HEIGHT] = 240
    return picture


def with_noise(time: float) -> np.ndarray:
    noise = np.random.default_rng(int(time)).normal(0, 25, (HEIGHT, WIDTH))
    return np.clip(pan(time, 2) + noise, 0, 255).astype(np.uint8)


def fast_pan(time: float) -> np.ndarray:
    return pan(time, 40)


def tilt(time: float) -> np.ndarray:
    return WIDE[int(3 * time) : int(3 * time) + HEIGHT, :WIDTH].copy()


def scrolled_text(time: float, step: int = 2) -> np.ndarray:
    """A screen recording: lines of text, all on even rows, that move up by an even number of rows."""
    page = np.full((800, WIDTH), 250, np.uint8)
    glyphs = np.random.default_rng(5).random((50, WIDTH)) > 0.5
    for line in range(50):
        top = 16 * line + 2
        page[top : top + 8, glyphs[line]] = 10
        page[top + 4, :] = 250
    at = int(step * time)
    return page[at : at + HEIGHT].copy()


def striped_pan(time: float) -> np.ndarray:
    """A fine horizontal grille before a picture that moves sideways."""
    picture = pan(time, 7)
    picture[::2] //= 3
    return picture


@pytest.mark.parametrize(
    "scene",
    [with_stripes, with_thin_lines, with_noise, fast_pan, tilt, scrolled_text, striped_pan, pan],
    ids=lambda scene: scene.__name__,
)
def test_progressive_film_is_left_alone(tmp_path: Path, scene: Scene) -> None:
    clip = probe(film(tmp_path / "film.mp4", of(scene)))
    assert (clip.interlaced, clip.field_order, clip.notes) == (False, None, ())


def test_a_still_picture_says_nothing(tmp_path: Path) -> None:
    assert not probe(film(tmp_path / "still.mp4", of(lambda _: pan(0)))).interlaced


def test_other_rates_are_never_interlaced(tmp_path: Path) -> None:
    """24 frames a second are film: two fields a frame come at 25, 29.97 and 30 only."""
    assert not probe(film(tmp_path / "film.mp4", of(weave(pan, "tff")), rate=24)).interlaced
