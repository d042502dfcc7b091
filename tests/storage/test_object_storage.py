"""Run folders in object storage: an in-memory file system by its URL, and plain folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize import pipeline
from stylize.config.read_settings import read_settings
from stylize.errors import CannotWrite, MissingPart
from stylize.farm.failures import read_failures, write_failure
from stylize.farm.retry import remove_frames
from stylize.farm.status import read_status
from stylize.footage import probe, read_frames
from stylize.jobs.manifest import load_job
from stylize.jobs.plan_run import plan_run
from stylize.jobs.receipt import film_is_there
from stylize.storage.atomic import atomic_write
from stylize.storage.frame_store import FrameStore
from stylize.storage.place import place
from stylize.system.dependencies import install_hint
from tests.farm.conftest import QUICK


def test_a_run_in_object_storage_ends_in_the_same_film(
    planned, clip: Path, shot_list: Path, tmp_path: Path
) -> None:

    local = planned("local.mp4")
    pipeline.run(local)
    run = place("memory://runs/one")
    job = plan_run(clip, tmp_path / "far.mp4", read_settings(**QUICK, shots=shot_list), work_dir=run)
    pipeline.run(job, keep=True)
    for a, b in zip(read_frames(probe(local.film.path)), read_frames(probe(job.film.path)), strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)
    assert film_is_there(load_job(run))
    assert read_status(job).is_done
    assert remove_frames(job, "finish", [3, 4]) == {"finish": [3, 4]}
    write_failure(run, "finish", 3, "gone")
    assert [failure.frame for failure in read_failures(job)] == [3]
    assert [each.done for each in read_status(job).passes if each.name == "finish"] == [11]
    pipeline.run(load_job(run), overwrite=True)
    assert not run.exists()


def test_a_frame_store_in_object_storage() -> None:
    store = FrameStore(place("memory://stores/a"), "16")
    assert store.missing(range(3)) == [0, 1, 2]
    picture = np.random.default_rng(1).random((5, 7, 3), np.float32)
    store.write(1, picture)
    assert store.missing(range(3)) == [0, 2]
    assert np.abs(store.read(1) - picture).max() < 1e-4
    store.write_note(1, {"why": "so"})
    assert store.read_note(1) == {"why": "so"}
    assert store.forget(1)
    assert store.read_note(1) is None
    assert store.missing([1]) == [1]
    store.sweep()


def test_folders_by_path_and_by_url(tmp_path: Path) -> None:
    assert place(tmp_path) == tmp_path
    assert place(f"file://{tmp_path}/a%20b") == tmp_path / "a b"


def test_storage_that_is_not_installed_is_named() -> None:
    with pytest.raises(MissingPart, match="gs:// needs packages") as caught:
        place("gs://bucket/run")
    assert str(caught.value.hint).startswith(install_hint("farm"))


def test_storage_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    far = place("memory://refusing/file")

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError("read only")

    monkeypatch.setattr(type(far.fs), "pipe_file", refuse)
    with pytest.raises(CannotWrite, match="refuses to be written: read only"):
        atomic_write(far, b"data")
