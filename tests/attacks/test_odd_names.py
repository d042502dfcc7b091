"""Names and places that a file system allows, or just not: a right result, or one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from deflicker import metrics
from stylize import footage
from stylize.cli import main
from stylize.config.packs.install import install_pack
from stylize.errors import CannotWrite, UsageError
from stylize.footage.clip import Clip, Frame
from stylize.storage.atomic import atomic_write
from stylize.system.limits import limits

LONGEST = 255
Says = Callable[..., str]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Runs a command that must fail in a folder with a clip, and gives what it says."""
    monkeypatch.chdir(tmp_path)
    write_clip(Path("clip.mp4"))

    def run(*words: str) -> str:
        before = set(Path().rglob("*"))
        code = main(list(words))
        said = capsys.readouterr().err
        assert code in (1, 2)
        assert "stylize itself failed" not in said
        assert "hint:" in said
        assert set(Path().rglob("*")) == before
        return said

    return run


def write_clip(path: Path, size: tuple[int, int] = (48, 32)) -> None:
    grey = np.full((size[1], size[0], 3), 0.5, np.float32)
    clip = Clip(path, *size, Fraction(24), Fraction(1, 24), 3)
    footage.write_film((Frame(n, n, grey) for n in range(3)), path, clip, audio=False)


def test_the_longest_name_is_written_and_a_longer_one_refused(says: Says) -> None:
    assert "too long" in says("shots", "clip.mp4", "-o", "n" * (LONGEST - 3) + ".csv")
    for name in ("n" * (LONGEST - 4) + ".csv", "é" * 125 + "x.csv"):
        assert len(os.fsencode(name)) == LONGEST
        assert main(["shots", "clip.mp4", "-o", name]) == 0
        assert Path(name).read_text().startswith("shot,")
    write_clip(Path("m" * (LONGEST - 4) + ".mp4"))
    atomic_write(Path("k" * LONGEST), b"whole")
    assert all(not each.name.startswith(".") for each in Path().iterdir())
    with pytest.raises(CannotWrite, match="too long"):
        atomic_write(Path("k" * (LONGEST + 1)), b"whole")


def test_links_in_a_circle(says: Says) -> None:
    Path("loop.csv").symlink_to("loop.csv")
    assert "no such file" in says("shots", "loop.csv")
    assert main(["shots", "clip.mp4", "-o", "loop.csv", "-y"]) == 0
    assert not Path("loop.csv").is_symlink()


def test_folders_nested_beyond_all_reason(says: Says) -> None:
    assert "too deep" in says("shots", "clip.mp4", "-o", "a/" * 1200 + "x.csv")
    assert "too long" in says("shots", "clip.mp4", "-o", "a/" * 2500 + "x.csv")


@pytest.mark.parametrize(
    "words", [("run", ""), ("shots", ""), ("shots", "clip.mp4", "-o", ""), ("shots", "clip.mp4", "--output=")]
)
def test_a_variable_that_is_not_set_is_no_folder(words: tuple[str, ...], says: Says) -> None:
    """`stylize run "$CLIP"` would draw the photographs of the current folder."""
    assert "name is empty" in says(*words)


def test_an_empty_word_that_names_no_file_is_told_for_what_it_is(says: Says) -> None:
    Path("jobs.toml").write_text('[[job]]\nclip = "clip.mp4"\n')
    said = says("farm", "export", "jobs.toml", "--device=")
    assert "device" in said
    assert "name is empty" not in said


def test_a_current_folder_that_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["run", "clip.mp4", "--dry-run"]) != 0
    assert "stylize itself failed" not in capsys.readouterr().err


@pytest.mark.parametrize(("variable", "text"), [("PICTURE_PIXELS", "nan"), ("FRAMES", "-5"), ("FRAME", "5")])
def test_a_limit_that_is_none(variable: str, text: str, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    limits.cache_clear()
    monkeypatch.setenv(f"STYLIZE_LIMIT_{variable}", text)
    assert f"STYLIZE_LIMIT_{variable}" in says("shots", "clip.mp4")
    limits.cache_clear()


@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1), (0, 1, 2)])
def test_streams_that_are_closed_are_not_taken_for_files(closed: tuple[int, ...], tmp_path: Path) -> None:
    """As `stylize shots clip.mp4 <&- >&-` does, or a scheduler that closes everything."""
    write_clip(tmp_path / "clip.mp4")
    program = (
        "import sys; from stylize.cli import main; sys.exit(main(['shots', 'clip.mp4', '-o', 'list.csv']))"
    )

    def close() -> None:
        for number in closed:
            os.close(number)

    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, preexec_fn=close, capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "list.csv").read_text().startswith("shot,start")
    assert b"itself failed" not in done.stderr


def test_processes_that_are_started_have_their_streams_too(tmp_path: Path) -> None:
    """Else the first file that such a process opens would be taken for its output."""
    theirs = "import os; print([os.fstat(n).st_rdev for n in range(3)], file=open('there', 'w'))"
    program = (
        "import subprocess, sys; from stylize.cli import main; main(['--version']); "
        f"sys.exit(subprocess.call([sys.executable, '-c', {theirs!r}]))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, preexec_fn=lambda: os.closerange(0, 3), timeout=100)
    assert done.returncode == 0
    assert (tmp_path / "there").read_text().split() == str([Path(os.devnull).stat().st_rdev] * 3).split()


def test_a_pipe_is_no_checkpoint_and_the_hub_is_not_asked(says: Says) -> None:
    os.mkfifo("p.safetensors")
    assert "not a regular file" in says("models", "show", "p.safetensors")


@pytest.mark.parametrize(
    "words",
    [
        ("train", "drawings", "clean", "clip.mp4"),
        ("train", "pairs", "rendered", "clip.mp4"),
        ("train", "pairs", "real", "clip.mp4"),
    ],
)
def test_a_file_in_the_place_of_a_folder(words: tuple[str, ...], says: Says) -> None:
    assert "where: clip.mp4" in says(*words)


@pytest.mark.parametrize("words", [("--focal", "nan"), ("--focal=-5",), ("--distance", "inf")])
def test_lengths_that_are_none(words: tuple[str, ...], says: Says) -> None:
    assert "cannot be" in says("camera", "clip.mp4", "-o", "c.usda", *words)


def test_a_pack_with_a_pipe_or_with_endless_words(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(Path.cwd() / "home"))
    Path("home/stylize/styles").mkdir(parents=True)
    Path("pack").mkdir()
    style = Path("pack/style.toml")
    style.write_text(f'title = "{"x" * 9999}"\ncheckpoint = "mini"\nprompt = "x"\n')
    assert len(says("styles", "install", "pack")) < 1000
    os.mkfifo("pack/LICENSE")
    with pytest.raises(UsageError, match="not a regular file: LICENSE"):
        install_pack(Path("pack"))


def test_flat_pictures_are_as_sharp_as_each_other() -> None:
    assert metrics.sharpness(np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 3), np.float32)) == 1


def test_a_picture_one_pixel_wide_is_measured() -> None:
    flow = np.zeros((40, 1, 2), np.float32)
    assert metrics.visible(flow, flow).all()
