"""Nothing that is read is written over, and no record of a stranger replaces a film."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize import pipeline
from stylize.errors import UsageError
from stylize.footage.outputs import check_outputs, is_same
from stylize.jobs.consent import may_replace, write_consent
from stylize.jobs.manifest import load_job, save_job
from tests.attacks.conftest import Said, Typed, refused
from tests.farm.conftest import clip as farm_clip
from tests.farm.conftest import planned, shot_list  # noqa: F401

clip = farm_clip


def digest(files: list[Path]) -> list[bytes]:
    return [file.read_bytes() for file in files]


def test_no_command_writes_over_what_it_reads(tmp_path: Path, clip: Path, typed: Typed) -> None:
    plate, listing, other = tmp_path / "plate.mp4", tmp_path / "shots.csv", tmp_path / "other.mp4"
    for copy in (plate, other):
        shutil.copy(clip, copy)
    listing.write_text("start,end\n0,13\n")
    picture, scene = tmp_path / "sky.png", tmp_path / "scene.toml"
    cv2.imwrite(str(picture), np.zeros((64, 96, 3), np.uint8))
    scene.write_text('[backdrop]\nkind = "still"\nfile = "sky.png"\n[camera]\nsource = "locked"\n')
    link = tmp_path / "link.mov"
    link.symlink_to(plate)
    camera = tmp_path / "camera.chan"
    camera.write_text("1 0 0 0 0 0 0\n")
    mattes = tmp_path / "mattes"
    mattes.mkdir()
    for number in range(13):
        shutil.copy(picture, mattes / f"{number:04d}.png")
    files = [plate, other, listing, picture, scene, camera, *sorted(mattes.iterdir())]
    before = digest(files)
    for words in (
        ("shots", plate, "-o", plate),
        ("shots", plate, "-o", tmp_path / "sub" / ".." / "plate.mp4"),
        ("run", plate, "-o", plate),
        ("run", plate, "-o", link),
        ("run", plate, "--log-file", plate, "-o", "a.mp4"),
        ("run", plate, "--shots", listing, "--log-file", listing, "-o", "a.mp4"),
        ("run", plate, "-o", "a.mov", "--log-file", "a.mov"),
        ("steady", plate, "--source", other, "-o", other),
        ("steady", plate, "--source", other, "-o", "a.mp4", "--compare", plate),
        ("steady", plate, "--source", other, "-o", "a.mp4", "--compare", "a.mp4"),
        ("comp", plate, scene, "-o", scene),
        ("comp", plate, scene, "-o", picture, "--format", "png"),
        ("comp", plate, scene, "--log-file", scene, "-o", "a.mp4"),
        ("key", plate, "-o", "a.mov", "--matte-out", "a.mov"),
        ("key", plate, "-o", "a.%04d.png", "--matte-out", "a.####.png"),
        ("key", plate, "--matte", mattes, "--matte-out", mattes / "%04d.png"),
        ("camera", camera, "-o", camera),
    ):
        said = typed(*words, *(() if words[0] == "shots" and "sub" in str(words) else ("-y",)))
        assert "output" in refused(said) or "outputs" in said.err, words
        assert digest(files) == before, words
    assert not list(tmp_path.glob("a*")), list(tmp_path.glob("a*"))


def test_names_of_one_file(tmp_path: Path) -> None:
    file = tmp_path / "a.0001.png"
    file.touch()
    (tmp_path / "b.png").hardlink_to(file)
    assert is_same(tmp_path / "a.%04d.png", file)
    assert is_same(file, tmp_path / "a.####.png")
    assert is_same(tmp_path / "b.png", file)
    assert is_same(tmp_path / "c" / ".." / "a.0001.png", file)
    assert not is_same(tmp_path / "a.%04d.jpg", file)
    assert not is_same(tmp_path / "a.0002.png", file)
    with pytest.raises(UsageError, match="Two outputs"):
        check_outputs([tmp_path / "new.mp4", tmp_path / "new.mp4"])


# Records of strangers


def theirs(job, film: Path) -> Path:
    """A run folder whose record names another film."""
    save_job(job)
    file = job.run_dir / "run.json"
    record = json.loads(file.read_text())
    record["job"]["films"][0]["path"] = str(film)
    file.write_text(json.dumps(record))
    return job.run_dir


def complete(job) -> None:
    """As if every pass had been made: the film shows grey frames."""
    for segment in job.segments:
        for step in segment.passes:
            for store in segment.stores(step):
                for number in step.frames.numbers:
                    store.write(number, np.full((64, 96, 3), 0.5, np.float32))


def test_a_record_does_not_replace_a_film(planned, tmp_path: Path, typed: Typed) -> None:  # noqa: F811
    job = planned(repair="off", deflicker=0)
    complete(job)
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(b"a film of somebody")
    run = theirs(job, mine)
    for claim in ({}, {"facts": [job_print(run), [], [str(mine)]], "signature": "0" * 64},
                  {"facts": [job_print(run), [["mine.mp4", 18, 0]], []], "signature": ""}):  # fmt: skip
        (run / "consent.json").write_text(json.dumps(claim))
        (run / "film.json").write_text(
            json.dumps({"fingerprint": job_print(run), "files": [["mine.mp4", 18, 1]]})
        )
        for words in (("worker", "encode", "all", run, "-q"), ("farm", "run", run)):
            assert "exists" in refused(typed(*words)), words
            assert mine.read_bytes() == b"a film of somebody"
    assert typed("worker", "encode", "all", run, "-y", "-q").code == 0  # the user's own word
    assert mine.stat().st_size > 18


def test_a_consent_holds_for_its_folder_alone(planned, tmp_path: Path, typed: Typed) -> None:  # noqa: F811
    """The user planned a film where nothing lay; the record is changed to one of that name in another folder."""
    job = planned(repair="off", deflicker=0)
    complete(job)
    write_consent(job)
    archive = tmp_path / "archive"
    archive.mkdir()
    mine = archive / job.film.path.name
    mine.write_bytes(b"a film of somebody")
    run = theirs(job, mine)
    words = ("worker", "encode", "all", run, "--expect", job_print(run), "-q")
    assert "exists" in refused(typed(*words))
    assert mine.read_bytes() == b"a film of somebody"
    save_job(job)
    job.film.path.write_bytes(b"a part of it, from a worker that was killed")
    assert typed(*words).code == 0  # where the user wanted it
    assert job.film.path.stat().st_size > 100


def job_print(run: Path) -> str:
    return str(json.loads((run / "run.json").read_text())["fingerprint"])


def test_a_film_is_replaced_by_the_job_that_made_it(planned, tmp_path: Path) -> None:  # noqa: F811
    job = planned(repair="off", deflicker=0)
    complete(job)
    pipeline.run(job, keep=True, remember=True)
    assert may_replace(job)
    made = job.film.path.read_bytes()
    job.film.path.write_bytes(b"edited since")  # it was free when this user planned it: the job's own name
    (job.run_dir / "consent.json").unlink()
    assert not may_replace(job)
    assert job.film.path.read_bytes() != made


def test_the_expected_print_is_computed(planned, tmp_path: Path) -> None:  # noqa: F811
    job = planned()
    mark = save_job(job)
    file = job.run_dir / "run.json"
    record = json.loads(file.read_text())
    record["job"]["films"][0]["path"] = str(tmp_path / "another.mp4")
    file.write_text(json.dumps(record))  # the print beside it still says what is expected
    with pytest.raises(UsageError, match="holds another job by now"):
        load_job(job.run_dir, expect=mark)


__all__ = ["Said"]
