"""A run with painted frames: the keys' own frames are the keys, whatever is resumed, and everything read counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deflicker.keyframes.painter import Painter, PainterSettings
from stylize import pipeline
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError
from stylize.events import Event, Note
from stylize.farm.bundle import asset_references
from stylize.jobs.blind_parts import blind_file
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.manifest import load_job, save_job
from stylize.jobs.plan_run import plan_run
from stylize.passes.learnt_parts import LearntPartsPass
from stylize.passes.runner import make
from tests.keyframes.conftest import CUT, FRAMES, painting, plate

QUICK: dict[str, Any] = {
    "steps": 1,
    "size": 64,
    "precision": "fp32",
    "device": "cpu",
    "audio": False,
    "strength": 0.5,
}


@pytest.fixture
def planned(clip: Path, tmp_path: Path):
    def plan(folder: Path, **settings: Any) -> RenderJob:
        asked = read_settings(**QUICK, shots=clip.with_suffix(".csv"), keyframes=folder, **settings)
        return plan_run(clip, tmp_path / "film.mp4", asked)

    return plan


@pytest.fixture
def folder(paint) -> Path:
    return paint({"2.png": painting(2), "6.png": painting(6)})


def test_a_keys_own_frame_is_the_key_and_the_rest_follows(planned, folder):
    job = planned(folder, open_parts="draw", repair="off", deflicker=0.0)
    pipeline.run(job, keep=True)
    segment = job.segments[0]
    for at in (2, 6):
        assert np.array_equal(np.rint(segment.store("finish").read(at) * 255), painting(at))
    carried = segment.store("carried").read(4)
    known = carried[..., 3] > 0.95
    assert known.mean() > 0.6
    finished = segment.store("finish").read(4)
    assert np.abs(finished - painting(4) / 255.0)[known].mean() < 0.06
    assert np.abs(finished - carried[..., :3])[carried[..., 3] == 1].max() < 2 / 255
    beyond = segment.store("carried").read(CUT + 1)
    assert beyond[..., 3].max() == 0  # no key lies on the other side of the cut


def test_any_stretch_made_alone_is_the_same(planned, folder, tmp_path):
    job = planned(folder, open_parts="draw", repair="off", deflicker=0.0)
    pipeline.run(job, keep=True)
    segment = job.segments[0]
    step = segment.find("carried")
    whole = {at: segment.store("carried").read(at) for at in range(FRAMES)}
    for at in (1, 4, 7):
        segment.store("carried").path(at).unlink()
        assert list(make(segment, step, range(FRAMES))) == [at]
        assert np.array_equal(segment.store("carried").read(at), whole[at])


def test_a_farm_is_told_of_the_keys_and_a_worker_without_one_says_so(planned, folder):
    job = planned(folder)
    save_job(job)
    told = asset_references(job)["inputs"]["filenames"]
    assert {str(folder / "2.png"), str(folder / "6.png")} <= set(told)
    (folder / "6.png").rename(folder / "7.png")
    with pytest.raises(UsageError, match="cannot be read: No such file") as refusal:
        load_job(job.run_dir)
    assert refusal.value.where == str(folder / "6.png")


def test_another_painting_is_another_film_and_a_worker_sees_it(planned, folder, paint):
    job = planned(folder)
    save_job(job)
    assert load_job(job.run_dir).segments[0].fingerprints == job.segments[0].fingerprints
    paint({"6.png": 255 - painting(6)})
    changed = planned(folder)
    before, after = (each.segments[0].fingerprints for each in (job, changed))
    assert all(before[name] != after[name] for name in before)
    with pytest.raises(Exception, match="has changed since it was planned"):
        load_job(job.run_dir)


def test_a_preview_shows_the_carried_frame(planned, folder, tmp_path):
    picture = pipeline.preview(planned(folder), 4, tmp_path / "preview.png")
    assert picture.is_file()


def test_after_a_run_the_frame_that_would_help_most_is_named(planned, paint):
    events: list[Event] = []
    half = np.dstack([painting(2), np.full((64, 96), 255, np.uint8)])
    half[:, 48:, 3] = 0
    job = planned(paint({"2.png": half}), open_parts="draw", repair="off", deflicker=0.0, end="8f")
    pipeline.run(job, events.append)
    told = [event.text for event in events if isinstance(event, Note)]
    assert any("A key of frame" in text and "film.mp4.blind.jpg" in text for text in told)
    assert blind_file(job.film.path).is_file()


def test_open_parts_are_painted_as_the_keys_are(planned, folder):
    """A painter is trained once, kept, and removed with the frames; what it paints is nearer than the plate is."""
    job = planned(folder, end="8f")
    segment = job.segments[0]
    step = segment.find("filled")
    step.learning = PainterSettings(60, 4, 32)
    assert [each.name for each in segment.passes] == ["carried", "filled", "finish"]
    list(make(segment, segment.find("carried"), range(CUT)))
    made = list(make(segment, step, range(CUT)))
    assert made == list(range(CUT))
    (kept,) = list((job.run_dir / "painters").iterdir())
    before = segment.store("filled").read(7)
    segment.store("filled").path(7).unlink()
    step.close()
    assert list(make(segment, step, [7])) == [7]
    assert np.array_equal(segment.store("filled").read(7), before)
    assert kept.is_file()
    opened = segment.store("carried").read(7)[..., 3] < 0.3
    truth = painting(7) / 255.0
    assert np.abs(before - truth)[opened].mean() < np.abs(plate(7) - truth)[opened].mean()
    pipeline.discard(job)
    assert not (job.run_dir / "painters").exists()


@pytest.fixture
def filling(planned, folder):
    """filling(): the segment of a job in one run folder, carried, and its pass that paints, which learns little."""

    def begin(**settings: Any) -> tuple[Segment, LearntPartsPass]:
        segment = planned(folder, end="8f", **settings).segments[0]
        step = segment.find("filled")
        step.learning = PainterSettings(3, 2, 32)
        list(make(segment, segment.find("carried"), range(CUT)))
        return segment, step

    return begin


def test_of_two_painters_of_a_shot_the_first_counts(filling, monkeypatch: pytest.MonkeyPatch):
    """While one worker learns, another one ends: both paint with what that one has learnt."""
    (segment, late), (other, early) = filling(), filling()
    learn = Painter.learn

    def slowly(samples: Any, settings: PainterSettings, tell: Any) -> Painter:
        monkeypatch.setattr(Painter, "learn", learn)
        list(make(other, early, [7]))
        return learn(samples, replace(settings, seed=settings.seed + 1), tell)

    monkeypatch.setattr(Painter, "learn", slowly)
    list(make(segment, late, [6]))
    made = segment.store("filled").read(6)
    segment.store("filled").path(6).unlink()
    list(make(other, early, [6]))
    assert np.array_equal(segment.store("filled").read(6), made)


def test_a_damaged_painter_is_trained_anew(filling):
    segment, step = filling()
    list(make(segment, step, [7]))
    (kept,) = (segment.run_dir / "painters").iterdir()
    whole = kept.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 4
    for damaged in (bytes(flipped), whole[:1000], b""):
        kept.write_bytes(damaged)
        segment.store("filled").path(7).unlink()
        step.close()
        assert list(make(segment, step, [7])) == [7]
        assert len(kept.read_bytes()) == len(whole)


def test_a_painter_belongs_to_what_it_has_learnt_from(clip: Path, folder: Path, tmp_path: Path):
    """The clip is graded anew under its name: the old plates' painter stays theirs."""
    graded, film = tmp_path / "graded.mp4", tmp_path / "film.mp4"
    asked = read_settings(**QUICK, shots=clip.with_suffix(".csv"), keyframes=folder, end="8f")
    for grade in (b"", b"\0"):
        graded.write_bytes(clip.read_bytes() + grade)
        segment = plan_run(graded, film, asked).segments[0]
        step = segment.find("filled")
        step.learning = PainterSettings(3, 2, 32)
        for each, frames in ((segment.find("carried"), range(CUT)), (step, [7])):
            list(make(segment, each, frames))
    assert len(list((segment.run_dir / "painters").iterdir())) == 2
