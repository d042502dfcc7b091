"""Packs with two files of one name, options and variables in names, cameras put together from elsewhere."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import pytest

from compositing.camera.formats import read_camera
from compositing.errors import CompositingError
from stylize.config.packs.install import install_pack
from stylize.errors import OutputError, UsageError
from stylize.farm.bundle import write_export
from stylize.farm.openjd import Export
from stylize.farm.submit import submit
from stylize.footage.outfile import _host, staged_file, staged_folder, temporary_folder
from tests.attacks.conftest import Typed, refused
from tests.farm.conftest import clip, planned, shot_list

__all__ = ["clip", "planned", "shot_list"]
STYLE = 'title = "a"\nprompt = "a"\ncheckpoint = "mini"\n'


@pytest.mark.parametrize(
    "names", [("style.toml", "style.toml"), ("style.toml", "STYLE.toml"), ("style.toml", "a.txt", "A.TXT")]
)
def test_a_pack_with_two_files_of_one_name(tmp_path: Path, names: tuple[str, ...]) -> None:
    archive = tmp_path / "pack.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(archive, "w") as packed:
        warnings.simplefilter("ignore")
        for name in names:
            packed.writestr(name, STYLE)
    with pytest.raises(UsageError, match="two files of one name"):
        install_pack(archive)


@pytest.mark.parametrize("name", ["-rf.toml", "--address", "-"])
def test_a_list_that_looks_like_an_option(name: str) -> None:
    with pytest.raises(UsageError, match="would be taken for an option"):
        submit("http://127.0.0.1:9", [name])


def test_a_name_with_a_scheduler_s_variable(planned, tmp_path: Path) -> None:
    job = planned("{{Param.Stylize}}.mp4")
    with pytest.raises(UsageError, match="one of its variables"):
        write_export(job, "export", tmp_path / "exports", "openjd", Export(), False)
    assert not (tmp_path / "exports").exists()


@pytest.mark.parametrize("how", ["references = @{}@", "payload = @{}@"])
def test_a_stage_stays_in_its_folder(tmp_path: Path, how: str) -> None:
    pytest.importorskip("pxr")
    elsewhere, here = tmp_path / "secret.usda", tmp_path / "shot" / "camera.usda"
    here.parent.mkdir()
    elsewhere.write_text('#usda 1.0\n(defaultPrim = "c")\ndef Camera "c" {}\n')
    here.write_text(f'#usda 1.0\ndef "root" (prepend {how.format("../secret.usda")}) {{}}\n')
    with pytest.raises(CompositingError, match="from another place"):
        read_camera(here, size=(64, 64))
    here.write_text("#usda 1.0\n(subLayers = [@../secret.usda@])\n")
    with pytest.raises(CompositingError, match="from another place"):
        read_camera(here, size=(64, 64))


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """Half-written films of dead processes go when the same output is written again; others' stay."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    out = tmp_path / "film.mp4"
    dead = tmp_path / f".film.{_host()}{gone.pid:08x}abcdef.mp4"
    elsewhere = tmp_path / f".film.000000{gone.pid:08x}abcdef.mp4"
    frames = tmp_path / f".frames.{_host()}{gone.pid:08x}abcdef"
    frames.mkdir()
    for file in (dead, elsewhere, frames / "000001.png", tmp_path / ".film.mine.mp4"):
        file.touch()
    with staged_file(out) as live:
        live.write_bytes(b"whole")
        with staged_file(tmp_path / "film.mp4") as other:
            other.write_bytes(b"whole")
            assert live.exists()
    with staged_folder(tmp_path):
        pass
    assert sorted(file.name for file in tmp_path.iterdir()) == [elsewhere.name, ".film.mine.mp4", "film.mp4"]


def test_ctrl_c_twice_is_no_traceback(tmp_path: Path) -> None:
    """The second one comes while the first is being said."""
    script = tmp_path / "go.py"
    script.write_text(
        "import os, signal, sys\n"
        "import stylize.cli.entry as entry\n"
        "from stylize.cli.terminal import Terminal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it\n"
        "say = Terminal.say\n"
        "def again(self, text):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    say(self, text)\n"
        "Terminal.say = again\n"
        "def stop(*_, **__):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "entry.app = stop\n"
        "sys.exit(entry.main())\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, str(script)], env={"PYTHONPATH": str(root), "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 130, done
    assert "Traceback" not in done.stderr
    assert "Stopped." in done.stderr


def test_the_image_does_not_run_as_root() -> None:
    lines = (Path(__file__).resolve().parents[2] / "Dockerfile").read_text().splitlines()
    for number, line in enumerate(lines):
        if line.startswith("ENTRYPOINT"):
            assert lines[number - 1] == "USER stylize"


def test_an_embedded_cluster_s_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's own session folder in the system's temporary folder may be read and written by everybody."""
    pytest.importorskip("ray")
    import ray

    from stylize.farm.cluster import ResourceRequest, cluster

    seen: dict[str, object] = {}

    def start(**asked: object) -> None:
        seen.update(asked)

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", start)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    with cluster(None, 1, ResourceRequest()):
        folder = Path(str(seen["_temp_dir"])).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_a_dead_process_s_folder_goes(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = tmp_path / f".report.{_host()}{gone.pid:08x}abcdef"
    (dead / "inside").mkdir(parents=True)
    alive = tmp_path / f".report.{_host()}{os.getpid():08x}abcdef"
    other = tmp_path / ".report.mine"
    for folder in (alive, other):
        folder.mkdir()
    with temporary_folder(tmp_path, ".report.") as made:
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        assert not dead.exists()
        (made / "film.mp4").touch()
    assert sorted(tmp_path.iterdir()) == sorted([alive, other])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_that_fills_in_the_middle_is_an_error_of_the_output(tmp_path: Path, number: int) -> None:
    with pytest.raises(OutputError, match="It cannot be written"), staged_file(tmp_path / "out.csv"):
        raise OSError(number, os.strerror(number))
    with pytest.raises(OutputError, match="It cannot be written"), staged_folder(tmp_path / "frames"):
        raise OSError(number, os.strerror(number))
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_long_temporary_folder_is_not_ray_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A socket's whole name has some hundred characters at most."""
    from stylize.farm.cluster import _short_folder

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert _short_folder() == Path("/tmp")
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    assert _short_folder() == Path("/tmp")


def test_a_studio_of_a_file_is_refused(tmp_path: Path, typed: Typed) -> None:
    (tmp_path / "film.mp4").touch()
    assert "It cannot be written" in refused(typed("studio", "film.mp4", "--no-open"))
