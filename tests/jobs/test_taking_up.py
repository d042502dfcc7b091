"""Runs that are taken up when films of theirs are written already, or what is told of these is damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stylize import pipeline
from stylize.errors import NotReady, UsageError
from stylize.jobs.consent import write_consent
from stylize.jobs.encode import encode
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import save_job
from stylize.jobs.receipt import film_is_there
from tests.test_pipeline import clip, model, planned  # noqa: F401


def test_a_run_that_ended_after_its_film_was_written_goes_on(planned) -> None:  # noqa: F811
    """A kill while the report is written: the same command replaces the film that it has written, and no other."""

    def killed(job: RenderJob) -> None:
        raise KeyboardInterrupt

    job = planned()
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(job, finishing=killed)
    made = job.film.path.read_bytes()
    job.film.path.write_bytes(b"of somebody else")
    with pytest.raises(UsageError, match="exists"):
        pipeline.run(planned())
    assert job.film.path.read_bytes() == b"of somebody else"
    job.film.path.unlink()
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(planned(), finishing=killed)
    with pytest.raises(UsageError, match="exists"):
        pipeline.run(planned(seed=1))  # another job
    pipeline.run(planned())
    assert job.film.path.read_bytes() == made
    assert not job.run_dir.exists()


def test_a_run_goes_on_though_one_of_its_films_is_written(planned, tmp_path: Path) -> None:  # noqa: F811
    """Stopped when the first of two films was whole."""
    two = planned()
    job = replace(two, films=(two.film, replace(two.film, path=tmp_path / "other.mp4")))
    save_job(job)
    for name in job.pass_names:
        pipeline.run_pass(job, name, lambda event: None, lambda: False)
    encode(job, job.film, lambda event: None, False, lambda: False)
    pipeline.run(job)
    assert (tmp_path / "other.mp4").read_bytes() == job.film.path.read_bytes()
    (tmp_path / "other.mp4").unlink()
    with pytest.raises(UsageError, match="exists"):
        pipeline.run(job)


def test_what_is_told_of_a_film_may_be_damaged(planned) -> None:  # noqa: F811
    """The frame is made again, and the film that this run has just written is replaced."""
    first, second = planned("first.mp4"), planned("second.mp4")
    pipeline.run(first)
    store = second.segments[0].store("repair")
    store.write_note(4, {"done": "left"})
    store.path(4).with_suffix(".json").write_text('{"done": "le')
    pipeline.run(second)
    assert second.film.path.read_bytes() == first.film.path.read_bytes()


def test_on_a_farm_a_damaged_note_sends_its_frame_back(planned) -> None:  # noqa: F811
    job = planned()
    save_job(job)
    write_consent(job)
    for name in job.pass_names:
        pipeline.run_pass(job, name, lambda event: None, lambda: False)
    store = job.segments[0].store("repair")
    store.path(4).with_suffix(".json").write_text('{"done": "le')
    with pytest.raises(NotReady) as lost:
        pipeline.finish(job, lambda event: None, lambda: False)
    assert (lost.value.needed, lost.value.frames) == ("repair", (4,))
    pipeline.run_pass(job, "repair", lambda event: None, lambda: False)
    pipeline.finish(job, lambda event: None, lambda: False)
    assert film_is_there(job)
