"""Lists of jobs: what they ask for, settings of single shots, failures that stop nothing else, and resuming."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stylize import pipeline
from stylize.cli import main
from stylize.errors import UsageError
from stylize.footage import probe, read_frames
from stylize.generators import load
from stylize.jobs.batch import read_jobs
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import load_job, save_job
from tests.farm.conftest import CUT, FRAMES, QUICK


def write_jobs(folder: Path, *tables: str, everyone: str = "") -> Path:
    quick = "\n".join(f"{key} = {json.dumps(value)}" for key, value in QUICK.items())
    file = folder / "jobs.toml"
    file.write_text(f'[all]\n{quick}\nrepair = "off"\ndeflicker = 0.0\n{everyone}\n' + "\n".join(tables))
    return file


def job(clip: Path, shot_list: Path, out: str, *lines: str) -> str:
    return "\n".join(["[[job]]", f'clip = "{clip}"', f'shots = "{shot_list}"', f'out = "{out}"', *lines])


def states(table: str) -> list[str]:
    """The first two words of every row of a summary."""
    return [" ".join(line.split()[:2]) for line in table.splitlines()[1:]]


def pictures(film: Path) -> list[np.ndarray]:
    return [frame.pixels for frame in read_frames(probe(film))]


def shown(job: RenderJob, index: int) -> np.ndarray:
    """What the film shows at a frame."""
    segment = job.segment_at(index)
    return next(segment.read(segment.film_picture, [index]))


def test_a_shot_with_settings_of_its_own(clip: Path, shot_list: Path, tmp_path: Path) -> None:
    """Each shot is what it is in a film that has its settings throughout."""
    shot = '[[job.shot]]\nshots = "2"\nseed = 7\nstrength = 0.5'
    file = write_jobs(
        tmp_path,
        job(clip, shot_list, "both.mp4", shot),
        job(clip, shot_list, "first.mp4"),
        job(clip, shot_list, "second.mp4", "seed = 7", "strength = 0.5"),
    )
    entries = read_jobs(file)
    for entry in entries:
        pipeline.run(entry.plan(), keep=True)
    plans = [entry.plan() for entry in entries]
    both = plans[0]
    assert [segment.span for segment in both.segments] == [range(CUT), range(CUT, FRAMES)]
    for index in range(FRAMES):
        like = plans[1] if index < CUT else plans[2]
        np.testing.assert_array_equal(shown(both, index), shown(like, index))
    assert probe(both.film.path).frame_count == FRAMES
    save_job(both)
    again = load_job(both.run_dir)
    assert [each.fingerprints for each in again.segments] == [each.fingerprints for each in both.segments]


def test_one_failed_job_stops_no_other(
    clip: Path, shot_list: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ok, also = job(clip, shot_list, "a.mp4"), job(clip, shot_list, "c.mp4")
    bad = '[[job]]\nclip = "none.mp4"\nout = "b.mp4"'
    file = write_jobs(tmp_path, ok, bad, also)
    assert main(["run", "--jobs", str(file)]) == 1
    said = capfd.readouterr()
    assert "1 of 3 jobs failed, and 1 not begun" in said.err
    assert [line.split()[:2] for line in said.out.splitlines()[1:]] == [
        ["a", "done"],
        ["b", "failed"],
        ["c", "not"],
    ]
    assert not (tmp_path / "c.mp4").exists()
    written = (tmp_path / "a.mp4").stat().st_mtime_ns
    assert main(["run", "--jobs", str(file), "--keep-going"]) == 1
    said = capfd.readouterr()
    assert "1 of 3 jobs failed." in said.err
    assert [line.split()[:2] for line in said.out.splitlines()[1:]] == [
        ["a", "there"],
        ["b", "failed"],
        ["c", "done"],
    ]
    assert (tmp_path / "a.mp4").stat().st_mtime_ns == written  # what is done stays done
    assert sorted(each.name for each in (tmp_path / "jobs.stylize" / "a").iterdir()) == [
        "consent.json",
        "film.json",
        "run.json",
    ]


def test_a_changed_job_does_not_replace_its_film_without_overwrite(
    clip: Path, shot_list: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--jobs", str(write_jobs(tmp_path, job(clip, shot_list, "a.mp4"))), "-q"]) == 0
    changed = str(write_jobs(tmp_path, job(clip, shot_list, "a.mp4", "seed = 3")))
    before = (tmp_path / "a.mp4").read_bytes()
    assert main(["run", "--jobs", changed, "-q"]) == 1
    assert "The output exists" in capfd.readouterr().err
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert main(["run", "--jobs", changed, "-q", "-y"]) == 0
    assert (tmp_path / "a.mp4").read_bytes() != before


def test_jobs_that_need_one_model_load_it_once_and_draw_the_same(
    clip: Path, shot_list: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    really = load._load
    monkeypatch.setattr(load, "_load", lambda config: (loads.append(config.prompt), really(config))[1])
    tables = [
        job(clip, shot_list, f"{name}.mp4", *lines)
        for name, lines in (
            ("a", ["seed = 1"]), ("b", ["seed = 2", "strength = 0.5"]), ("c", ['prompt = "rain"', "seed = 1"]),
        )
    ]  # fmt: skip
    assert main(["run", "--jobs", str(write_jobs(tmp_path, *tables)), "-q"]) == 0
    assert loads[1:] == ["rain"]
    (alone,) = read_jobs(write_jobs(tmp_path, tables[1].replace("b.mp4", "alone.mp4")))
    pipeline.run(alone.plan())
    for one, other in zip(pictures(tmp_path / "b.mp4"), pictures(tmp_path / "alone.mp4"), strict=True):
        assert np.array_equal(one, other)
    assert len(loads) == 3


def test_flags_override_the_list(clip: Path, shot_list: Path, tmp_path: Path) -> None:
    file = write_jobs(tmp_path, job(clip, shot_list, "a.mp4", "seed = 3"), everyone="audio = false")
    entry = read_jobs(file, {"seed": 9})[0]
    assert (entry.settings.seed, entry.settings.audio, entry.name) == (9, False, "a")
    assert entry.clip == clip
    assert entry.out == tmp_path / "a.mp4"


def test_paths_start_at_the_list_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the current folder is; words stay words, also where a folder is called so."""
    home, elsewhere = tmp_path / "list", tmp_path / "elsewhere"
    for folder in (home / "twice", home / "net", elsewhere):
        folder.mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    lines = (
        "comp = 'a.toml'",
        "foreground = 'fg.mov'",
        "face_model = 'yunet.onnx'",
        "references = ['hero.png']",
    )
    file = write_jobs(home, "\n".join(("[[job]]", "clip = 'a.mp4'", "out = 'b.mp4'", *lines)))
    asked = read_jobs(file, {"enlarge": "net"})[0].settings
    assert (asked.foreground, asked.face_model) == (home / "fg.mov", home / "yunet.onnx")
    assert asked.references == (home / "hero.png",)
    for given, meant in (("twice", str(home / "twice")), ("net", "net"), ("edges", "edges")):
        file = write_jobs(home, f"[[job]]\nclip = 'a.mp4'\nout = 'b.mp4'\nenlarge = '{given}'")
        assert read_jobs(file)[0].settings.enlarge == meant


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"holds no \[\[job\]\]"),
        ("[job]\nclip = 'a'", r"holds no \[\[job\]\]"),
        ("[[jobs]]\nclip = 'a'", "holds 'jobs', which no list has"),
        ("[[job", "not TOML"),
        ("[[job]]\nout = 'a.mp4'", "names no clip"),
        ("[[job]]\nclip = 'a.mp4'\nsteps = 'many'", "setting 'steps' cannot be 'many'"),
        ("[[job]]\nclip = 'a.mp4'\nstpes = 2", "no setting called 'stpes'"),
        ("[[job]]\nclip = 'a.mp4'\nname = '../up'", "cannot be a folder's"),
        ("[[job]]\nclip = 'a.mp4'\n[[job]]\nclip = 'a.mp4'", "the same name"),
        ("[[job]]\nclip = 'a.mp4'\n[[job.shot]]\nseed = 2", "shots None cannot be read"),
        ("[[job]]\nclip = 'a.mp4'\n[[job.shot]]\nshots = '1'\nformat = 'exr'", "belongs to the whole film"),
        ("[[job]]\nclip = 'a.mp4'\n[[job.shot]]\nshots = '1'\nforeground = 'f.mov'", "belongs to the whole"),
        ("[[job]]\nclip = 'a.mp4'\nreferences = [1]", "references is a list of paths, and 1 is none"),
        ("[[job]]\nclip = 'a.mp4'\nstyles_dirs = [['a']]", "styles_dirs is a list of paths"),
        (
            "[all]\nforeground = 'f.mov'\n[[job]]\nclip = 'a.mp4'\n[[job]]\nclip = 'b.mp4'",
            "Two jobs have the same output",
        ),
    ],
)
def test_lists_that_are_refused(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=sentence) as caught:
        read_jobs(file)
    assert str(file) in str(caught.value.where)


def test_a_shot_that_is_not_there(clip: Path, shot_list: Path, tmp_path: Path) -> None:
    file = write_jobs(tmp_path, job(clip, shot_list, "a.mp4", '[[job.shot]]\nshots = "5"\nseed = 2'))
    with pytest.raises(UsageError, match=r"no shot 5: crossing\.mp4 has 2"):
        read_jobs(file)[0].plan()
