"""Files that are lists of other files, text that a decoder takes for a film, and broken ones of every kind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from compositing.camera.formats import read_camera
from compositing.errors import CompositingError
from stylize.config.packs.check import check_pack
from stylize.config.packs.pack import read_pack
from stylize.config.read_settings import read_settings
from stylize.edge.manifest import read_manifest
from stylize.errors import FootageError, ModelError, StylizeError, UsageError
from stylize.footage import probe, read_shots
from stylize.jobs.manifest import load_job
from stylize.jobs.path_map import parse_rules
from tests.attacks.conftest import Typed, bounded, refused

DEEP = 100_000
BROKEN = [
    b"",
    b"\0\xff\xfe" * 50,
    b"[" * DEEP,
    b'{"a":' * DEEP,
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b'{"job": null, "made_by": null, "fingerprint": null}',
    b'{"job": {}, "made_by": {}, "fingerprint": ""}',
    b'{"format": 1, "parts": [1]}',
    b"a = " + b"[" * DEEP,
    b"a = " + b"9" * 5000,
    b"start,end\n0,\xb2\n",
    b'start,end\n"0,1\n',
    b"start,end\n-1,2\n",
    b"\xef\xbb\xbf{",
]


@pytest.mark.parametrize("contents", BROKEN, ids=range(len(BROKEN)))
def test_broken_documents(
    tmp_path: Path, clip: Path, contents: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reader says what is wrong, whatever it is."""
    file = tmp_path / "document"
    file.write_bytes(contents)
    for name in ("run.json", "edge.json", "style.toml", "stylize.toml"):
        shutil.copy(file, tmp_path / name)
    monkeypatch.setattr("stylize.config.read_settings.PROJECT_FILE", tmp_path / "stylize.toml")
    readers = [
        lambda: load_job(tmp_path),
        lambda: load_job(tmp_path, to_look=True),
        lambda: read_manifest(tmp_path),
        lambda: read_pack(tmp_path / "style.toml"),
        lambda: read_shots(file, probe(clip)),
    ]
    if not contents.startswith((b'{"job', b'{"format')):  # a table without rules maps nothing
        readers.append(lambda: parse_rules([], file))
    for suffix in (".json", ".chan", ".gltf", ".glb", ".usda", ".usdc"):
        shutil.copy(file, tmp_path / f"camera{suffix}")
        readers.append(lambda suffix=suffix: read_camera(tmp_path / f"camera{suffix}", size=(64, 64)))
    with bounded():
        for read in readers:
            with pytest.raises((StylizeError, CompositingError)):
                read()
        if contents:  # an empty file holds no settings, which is fine
            with pytest.raises(UsageError):
                read_settings()


@pytest.mark.parametrize(
    "header", ["{}", "[]", "[" * 50_000, '{"a": null}', '{"a": {"data_offsets": null}}', "7"]
)
def test_weights_with_a_broken_header(tmp_path: Path, header: str) -> None:
    text = header.encode()
    (tmp_path / "a.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 8)
    with pytest.raises(UsageError, match="safetensors"):
        check_pack(tmp_path, tmp_path)


def test_one_job_that_fails_strangely_does_not_end_the_list(
    tmp_path: Path, clip: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = tmp_path / "jobs.toml"
    jobs.write_text(
        f'[[job]]\nname = "a"\nclip = "{clip}"\nout = "a.mp4"\n[[job]]\nclip = "none.mp4"\nout = "b.mp4"\n'
    )

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("stylize.jobs.plan_run.plan_parts", fail)
    said = typed("run", "--jobs", jobs, "--keep-going")
    assert said.code == 1
    assert "nobody foresaw this" in said.err
    assert "There is no such file" in said.err
    assert "2 of 2 jobs failed" in said.err


def test_lists_of_other_files_are_no_films(tmp_path: Path, clip: Path) -> None:
    """An `.m3u8` or an ffconcat would be read as the film that it names, and change behind its back."""
    shutil.copy(clip, tmp_path / "part.mp4")
    lists = {
        "a.m3u8": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.8,\npart.mp4\n#EXT-X-ENDLIST\n",
        "a.ffconcat": "ffconcat version 1.0\nfile part.mp4\n",
        "a.mp4": "ffconcat version 1.0\nfile part.mp4\n",
        "a.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
        "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "a.txt": "these words are no film\n" * 200,
        "a.ans": "\x1b[31mthese words are no film\n" * 200,
        "a.nfo": "these words are no film\n" * 200,
        "http:a.mp4": "x",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(FootageError, match="not a film"):
            probe(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:9/a.mp4", "concat:a.mp4|b.mp4", "data:video/mp4;base64,AA", "pipe:0"]
)
def test_addresses_are_names_of_files(typed: Typed, name: str) -> None:
    assert "There is no such file" in refused(typed("shots", name))


def test_a_film_with_a_number_field_in_its_name_names_no_others(tmp_path: Path) -> None:
    import cv2

    for number in range(3):
        cv2.imwrite(str(tmp_path / f"a{number}.tga.png"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "a%d.tga").write_bytes(b"no picture")
    with pytest.raises(FootageError):
        probe(tmp_path / "a%d.tga")


@pytest.mark.parametrize("name", ["../.bashrc", "/etc/passwd", "a/../../b", "a\\b.onnx", "", "."])
def test_a_manifest_names_files_of_its_own_folder(tmp_path: Path, name: str) -> None:
    part = {"model": name, "files": {name: "0" * 64}, "inputs": [], "outputs": [], "parameters": 1,
            "float_bytes": 4, "gflop": 1.0}  # fmt: skip
    (tmp_path / "edge.json").write_text(json.dumps(manifest(part)))
    with pytest.raises(ModelError, match="file"):
        read_manifest(tmp_path)


def test_a_manifest_lists_every_part_s_file(tmp_path: Path) -> None:
    """Without its digest in the manifest, any network could lie there."""
    part = {"model": "unet.onnx", "files": {}, "inputs": [], "outputs": [], "parameters": 1, "float_bytes": 4,
            "gflop": 1.0}  # fmt: skip
    (tmp_path / "edge.json").write_text(json.dumps(manifest(part)))
    with pytest.raises(ModelError, match=r"unet\.onnx"):
        read_manifest(tmp_path)


def manifest(part: dict[str, object]) -> dict[str, object]:
    return {
        "format": 1, "made_by": "", "versions": {}, "target": "float", "checkpoint": "mini", "revision": "",
        "key": "", "short_side": 64, "latent_scale": 8, "levels": 2, "channels": 4, "clip_skip": 0, "tokens": 77,
        "pad_token": 0, "samplers": {}, "size": None, "measured_at": [64, 64], "parts": {"unet": part},
        "controls": [], "loras": [],
    }  # fmt: skip
