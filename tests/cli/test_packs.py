"""`stylize styles install/remove` and stacks: what is let in, and what is not."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stylize.config.packs.find import find_style
from stylize.config.packs.folders import bundled_folder, installed_folder
from stylize.errors import UsageError
from stylize.jobs.batch import read_jobs

from .conftest import Typed

STYLE = """
title = "Ink"
licence = "CC0-1.0"
author = "A. Nother"
sources = "forty drawings"
cover = "cover.jpg"
trigger = "inkish"
checkpoint = "mini"
prompt = "anime, inkish"
[[loras]]
file = "LoRA.safetensors"
weight = 0.8
"""


def tensors(metadata: str = "") -> bytes:
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * 4


FILES = {
    "style.toml": STYLE.encode(),
    "LoRA.safetensors": tensors(),
    "cover.jpg": b"\xff\xd8\xff\xe0 a picture",
    "LICENSE": b"CC0",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return installed_folder()


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    def write(files: dict[str, bytes], name: str = "ink.zip", around: str = "") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, data in files.items():
                archive.writestr(around + inner, data)
        return tmp_path / name

    return write


def test_a_zip_is_installed_listed_used_and_removed(
    typed: Typed, zipped: Callable[..., Path], home: Path
) -> None:
    said = typed("styles", "install", zipped(FILES, around="anything/"))
    assert (said.code, (home / "ink" / "LoRA.safetensors").read_bytes()) == (0, tensors())
    assert "CC0-1.0" in said.out
    assert "inkish" in typed("styles", "show", "ink").out
    assert "ink" in [each["name"] for each in typed("styles", "list", "--json").lines[0]]
    assert typed("styles", "install", zipped(FILES)).code == 2  # it is there already
    assert typed("styles", "install", zipped(FILES), "-y").code == 0
    assert typed("styles", "remove", "ink").code == 0
    assert [*home.iterdir()] == []


def test_a_folder_is_installed_under_another_name(typed: Typed, tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "My Pack"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    assert typed("styles", "install", folder, "--name", "mine").code == 0
    assert find_style("mine", (home,)).lora_files == (str(home / "mine" / "LoRA.safetensors"),)


PICKLE = pickle.dumps({"a": 1})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"more.pt": PICKLE}, "can run code"),
        ({"notes.txt": PICKLE}, "pickle under another name"),
        ({"LoRA.safetensors": b"PK\x03\x04 torch's archive"}, "pickle under another name"),
        ({"LoRA.safetensors": b"\x08" + b"\0" * 7 + b"not json"}, "no .safetensors file"),
        ({"LoRA.safetensors": tensors()[:-2]}, "cut off"),
        ({"../climbed.txt": b"out"}, "outside its own folder"),
        ({"/etc/passwd.txt": b"out"}, "outside its own folder"),
        ({"run.sh": b"#!/bin/sh"}, "does not hold such a file"),
        (
            {"style.toml": STYLE.replace("LoRA.safetensors", "../other.safetensors").encode()},
            "not in its pack",
        ),
        ({"style.toml": b"title = 3"}, "title"),
        ({"style.toml": None}, "no style.toml"),
        ({"cover.jpg": None}, "cover"),
        ({"cover.jpg": b"\0" * (33 << 20)}, "too large"),
        ({f"{n}.txt": b"" for n in range(70)}, "files"),
    ],
)
def test_what_is_not_let_in(
    typed: Typed, zipped: Callable[..., Path], home: Path, changes: dict[str, bytes | None], words: str
) -> None:
    files = {name: data for name, data in {**FILES, **changes}.items() if data is not None}
    said = typed("styles", "install", zipped(files))
    assert said.code == 2
    assert words in " ".join(said.err.split())
    assert not list(home.iterdir())  # nothing half-written
    assert not (home.parent / "climbed.txt").exists()


def test_a_link_in_a_pack_is_refused(typed: Typed, tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "linked"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "secrets.txt").symlink_to("/etc/hostname")
    assert "link" in typed("styles", "install", folder).err
    entry = zipfile.ZipInfo("secrets.txt")
    entry.external_attr = 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, "/etc/hostname")
    (tmp_path / "linked.zip").write_bytes(packed.getvalue())
    assert "link" in typed("styles", "install", tmp_path / "linked.zip").err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("install", "nowhere.zip"), "no such style pack"),
        (("remove", "anime"), "comes with the program"),
        (("remove", "nobody"), "No style called"),
        (("remove", ".."), "No style called"),
    ],
)
def test_what_cannot_be_meant(typed: Typed, words: tuple[str, ...], says: str) -> None:
    said = typed("styles", *words)
    assert said.code == 2
    assert says in said.err


def test_a_bundled_name_is_not_taken(typed: Typed, zipped: Callable[..., Path]) -> None:
    assert "comes with the program" in typed("styles", "install", zipped(FILES, "anime.zip")).err


def test_styles_stack_by_weight(typed: Typed, zipped: Callable[..., Path], home: Path) -> None:
    for name in ("ink", "night"):
        assert typed("styles", "install", zipped(FILES, f"{name}.zip")).code == 0
    both = find_style("ink+night:0.5")
    assert both.name == "ink+night"
    assert [Path(lora.file).parent.name for lora in both.style.loras] == ["ink", "night"]
    assert [lora.weight for lora in both.style.loras] == pytest.approx([0.8, 0.4])
    assert both.style.prompt == "anime, inkish, inkish"
    assert find_style("ink:0").style.loras[0].weight == 0
    assert find_style("anime").style == find_style("anime:1").style.model_copy(
        update={"loras": find_style("anime").style.loras}
    )


def test_a_folder_called_like_a_style_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a style's file in it makes it one, or a path that can be meant for nothing else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "anime").mkdir()
    assert find_style("anime").folder == bundled_folder() / "anime"
    assert find_style("anime+cel:0.5").name == "anime+cel"
    with pytest.raises(UsageError, match="no style file here"):
        find_style("./anime")
    shutil.copytree(find_style("cel").folder, tmp_path / "own")
    assert find_style("own").style == find_style("./own").style == find_style("cel").style
    jobs = tmp_path / "jobs.toml"
    for name, meant in (("anime", "anime"), ("own", str(tmp_path / "own")), ("./own", str(tmp_path / "own"))):
        jobs.write_text(f'[[job]]\nclip = "a.mp4"\nout = "b.mp4"\nstyle = "{name}"\n')
        assert read_jobs(jobs)[0].settings.style == meant


@pytest.mark.parametrize("name", ["ink+nobody", "anime:3", "anime+", "+"])
def test_stacks_that_cannot_be_meant(name: str) -> None:
    with pytest.raises(UsageError):
        find_style(name)


def test_styles_of_two_checkpoints_do_not_stack(typed: Typed, zipped: Callable[..., Path]) -> None:
    other = {**FILES, "style.toml": STYLE.replace('"mini"', '"owner/model"').encode()}
    assert typed("styles", "install", zipped(other)).code == 0
    with pytest.raises(UsageError, match="do not go together"):
        find_style("anime+ink")


def test_installed_styles_lie_in_the_users_own_folder() -> None:
    assert installed_folder().name
