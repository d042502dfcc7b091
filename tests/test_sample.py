"""The project's own clip: rendered small here, and the committed film as it stands."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from examples.sample.__main__ import main
from examples.sample.camera import Camera
from examples.sample.figure import HAIR, JACKET, SKIN, Figure
from examples.sample.film import RATE, Film, portrait, walk
from examples.sample.foliage import foliage
from examples.sample.march import normals, sphere_span, trace
from examples.sample.scene import street
from examples.sample.sound import SAMPLE_RATE, soundtrack
from examples.sample.texture import Texture, fractal, vec

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "examples" / "sample.mp4"
TINY = Film(width=96, height=54, seconds=3.5, samples=1)


@pytest.fixture(scope="module")
def pictures() -> dict[int, np.ndarray]:
    """A few tiny frames: two of each shot at its ends, and both sides of the cut."""
    cut = TINY.cut
    return {frame: TINY.render(street(), frame) for frame in (0, 12, cut - 1, cut, TINY.frame_count - 1)}


def red(picture: np.ndarray) -> np.ndarray:
    """Where the jacket is: clearly more red than green or blue."""
    return (picture[..., 0] > 0.35) & (picture[..., 0] > 1.9 * picture[..., 1:].max(-1))


def test_frames_are_pictures(pictures: dict[int, np.ndarray]) -> None:
    for picture in pictures.values():
        assert picture.shape == (54, 96, 3)
        assert picture.dtype == np.float32
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert 0.3 < picture.mean() < 0.7, "the exposure is off"
        assert picture.std() > 0.12, "the picture is flat"
        assert (picture.max(-1) < 0.03).mean() < 0.02, "large parts are crushed to black"
        assert (picture.min(-1) > 0.98).mean() < 0.02, "large parts are blown out"


def test_the_person_is_seen_in_every_shot(pictures: dict[int, np.ndarray]) -> None:
    assert 0.01 < red(pictures[0]).mean() < 0.15
    assert 0.12 < red(pictures[TINY.cut]).mean() < 0.5


def test_the_same_frame_twice_is_the_same_pixels(pictures: dict[int, np.ndarray]) -> None:
    np.testing.assert_array_equal(TINY.render(street(), 12), pictures[12])


def test_a_seed_draws_one_plant() -> None:
    first, again, other = (foliage((1.0, 1.0), 64, seed, puffs=6) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1
    assert 0.1 < (first[..., 3] > 0.5).mean() < 0.9
    assert np.all(first[first[..., 3] == 0] == 0), "colour without cover"


def test_the_picture_moves(pictures: dict[int, np.ndarray]) -> None:
    assert np.abs(pictures[0] - pictures[12]).mean() > 0.02
    assert np.abs(pictures[TINY.cut] - pictures[TINY.frame_count - 1]).mean() > 0.01


def test_the_shots_keep_their_proportions() -> None:
    assert TINY.frame_count == 84
    assert TINY.cut == 53
    assert dataclasses.replace(TINY, seconds=1.0).frame_count == RATE
    assert TINY.moment(52.9)[0] == walk(52.9 / RATE)[0]
    assert TINY.moment(53.0)[0] == portrait(0.0)[0]


def test_she_walks_on_the_ground() -> None:
    for frame in range(0, 53, 4):
        joints = Figure(walk(frame / RATE)[1]).bones.joints
        heights = [joints[f"{side}_ankle"][1] for side in ("right", "left")]
        assert 0.05 < min(heights) < 0.17


def test_rays_through_the_face_meet_a_face() -> None:
    _, action = portrait(1.2)
    figure = Figure(action)
    at, frame = figure.head_at, figure.head_frame
    camera = Camera(tuple(at + frame[2] * 0.8), tuple(at), 30.0, 0.8, 0.0)
    origin, rays = vec(camera.position), camera.rays(48, 48, (0.5, 0.5))
    depth = trace(figure.distance, origin, rays, *figure.span(origin, rays), 0.0005)
    hit = np.isfinite(depth)
    points = origin[:, None] + rays[:, hit] * depth[hit]
    assert np.abs(figure.distance(points)).max() < 0.002
    material = figure.materials(points)
    assert (material == SKIN).sum() > 200
    assert (material == HAIR).sum() > 200
    assert (material == JACKET).sum() > 0
    facing = -(normals(figure.distance, points, 0.001) * rays[:, hit]).sum(0)
    assert np.mean(facing > -0.05) > 0.98


def test_sphere_span_is_the_two_crossings() -> None:
    enter, leave = sphere_span(vec([[0], [0], [0]]), vec([[0, 0], [0, 1], [1, 0]]), vec([0, 0, 5]), 1.0)
    assert enter[0] == pytest.approx(4)
    assert leave[0] == pytest.approx(6)
    assert enter[1] > leave[1]


def test_textures_tile_and_average() -> None:
    picture = fractal(64, (4, 4), 3, 1)
    texture = Texture(picture)
    u, v = vec([0.3, 0.7]), vec([0.2, 0.9])
    np.testing.assert_allclose(texture.sample(u, v, 0.0), texture.sample(u + 3, v - 2, 0.0), atol=2e-3)
    np.testing.assert_allclose(texture.sample(u, v, 1.0), picture.mean(), atol=0.1)


def test_the_soundtrack_is_heard() -> None:
    sound = soundtrack(TINY)
    assert sound.shape == (round(3.5 * SAMPLE_RATE), 2)
    assert np.abs(sound).max() <= 1
    for second in range(3):
        assert np.sqrt((sound[second * SAMPLE_RATE : (second + 1) * SAMPLE_RATE] ** 2).mean()) > 0.01
    assert np.abs(sound[:, 0] - sound[:, 1]).max() > 0.01


def test_the_command_writes_a_film(tmp_path: Path) -> None:
    out = tmp_path / "tiny.mp4"
    main(["--width", "64", "--height", "36", "--samples", "1", "--frames", "51-54", str(out)])
    with av.open(str(out)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert [frame.shape for frame in frames] == [(36, 64, 3)] * 4
    steps = [np.abs(a.astype(float) - b).mean() for a, b in itertools.pairwise(frames)]
    assert int(np.argmax(steps)) == 1, "the cut is not between frames 52 and 53"
    assert steps[1] > 3 * max(steps[0], steps[2])


@pytest.mark.parametrize("frames", ["5", "9-3", "0-84", "a-b"])
def test_frames_that_cannot_be_meant(frames: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--frames", frames, str(tmp_path / "no.mp4")])
    assert stopped.value.code == 2
    assert "--frames must be A-B" in capsys.readouterr().err


def test_the_committed_film() -> None:
    assert SAMPLE.stat().st_size <= 1_500_000
    with av.open(str(SAMPLE)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert (video.width, video.height, video.average_rate) == (640, 360, 24)
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (audio.rate, audio.channels) == (48_000, 2)
        frames = [frame.to_ndarray(format="gray")[::4, ::4] for frame in film.decode(video)]
        film.seek(0)
        sound = np.concatenate([frame.to_ndarray() for frame in film.decode(audio)], axis=1)
    assert len(frames) == 84
    steps = [np.abs(a.astype(float) - b).mean() for a, b in itertools.pairwise(frames)]
    assert int(np.argmax(steps)) == Film().cut - 1
    assert min(steps) > 0.2, "a frame is repeated"
    assert abs(sound.shape[1] / 48_000 - 3.5) < 0.1
    assert np.sqrt((sound**2).mean()) > 0.01, "the film is silent"
