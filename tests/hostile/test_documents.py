"""Settings, styles, scenes, lists, cameras, captions, packs and manifests as hypothesis invents them: each is read,
or refused in one sentence."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compositing.camera.formats import read_camera
from compositing.errors import CompositingError
from compositing.gltf import read_model
from stylize.comp.scene import (
    BackdropTable,
    CameraTable,
    KeyTable,
    MergeTable,
    OpticsTable,
    Scene,
    read_scene,
)
from stylize.config.packs.check import check_pack
from stylize.config.packs.pack import read_pack
from stylize.config.read_settings import read_settings, settings_of
from stylize.config.settings import RunSettings
from stylize.config.style import Style
from stylize.edge.manifest import Manifest, read_manifest
from stylize.errors import StylizeError
from stylize.footage.clip import Clip
from stylize.footage.shotlist import read_shots
from stylize.footage.timecode import parse_rate, parse_time
from stylize.jobs.batch import read_jobs
from stylize.jobs.frame_ranges import parse_frames
from stylize.jobs.manifest import load_job, save_job
from stylize.jobs.path_map import parse_rules
from tests.farm.conftest import clip, planned, shot_list
from training.dataset.drawing_folder import find_drawings
from training.toml_file import read_recipe_table

__all__ = ["clip", "planned", "shot_list"]
QUICK = settings(
    max_examples=int(os.environ.get("HOSTILE_EXAMPLES", "15")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CLIP = Clip(Path("a.mp4"), 64, 48, Fraction(24), Fraction(1, 24), 20)

TEXT = st.text(max_size=12) | st.sampled_from(
    [
        "",
        ".",
        "..",
        "/",
        "../x",
        "a\0b",
        "\x1b[2J",
        "nan",
        "inf",
        "-1",
        "1e999",
        "9" * 500,
        "none",
        "auto",
        "{{x}}",
        "%d",
    ]
)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([0, 1, -1, 10**400, 1e308])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)
TOML_SCALARS = st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | TEXT
TOML = st.recursive(
    TOML_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)


def tables(*models: Any, values: st.SearchStrategy[Any] = TOML) -> st.SearchStrategy[dict[str, Any]]:
    """Tables with the names of a model's own settings, and others, and any values."""
    names = [name for model in models for name in model.model_fields]
    return st.dictionaries(st.sampled_from(names) | TEXT, values, max_size=6)


def written(file: Path, table: dict[str, Any]) -> Path:
    try:
        file.write_bytes(tomli_w.dumps(table).encode("utf-8", "surrogatepass"))
    except (ValueError, TypeError, AttributeError):  # what TOML itself cannot hold
        file.write_text("")
    return file


def is_read_or_refused(read: Callable[[], object]) -> None:
    said = "read"
    try:
        read()
    except (StylizeError, CompositingError) as error:
        said = error.what
    assert 0 < len(said) < 2000


@QUICK
@given(tables(RunSettings), tables(RunSettings, values=VALUES))
def test_settings(tmp_path: Path, table: dict[str, Any], flags: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stylize.config.read_settings.PROJECT_FILE", written(tmp_path / "stylize.toml", table))
        is_read_or_refused(read_settings)
        is_read_or_refused(lambda: settings_of(table, None, flags))


@QUICK
@given(tables(Style), st.booleans())
def test_styles(tmp_path: Path, table: dict[str, Any], complete: bool) -> None:
    whole = {"title": "a", "prompt": "a", "checkpoint": "mini"} if complete else {}
    written(tmp_path / "style.toml", {**table, **whole})
    is_read_or_refused(lambda: read_pack(tmp_path / "style.toml"))
    is_read_or_refused(lambda: check_pack(tmp_path, tmp_path))


@QUICK
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "key": tables(KeyTable),
            "camera": tables(CameraTable),
            "backdrop": tables(BackdropTable),
            "optics": tables(OpticsTable),
            "merge": tables(MergeTable),
            "overlay": st.lists(
                st.dictionaries(
                    st.sampled_from(["kind", "amount", "at", "start", "end", "fade", "seed"]), TOML
                ),
                max_size=2,
            ),
            "more": TOML,
        },
    )
)
def test_scenes(tmp_path: Path, table: dict[str, Any]) -> None:
    is_read_or_refused(lambda: read_scene(written(tmp_path / "scene.toml", table)).files_named)
    assert isinstance(Scene(), Scene)


@QUICK
@given(
    st.lists(
        st.fixed_dictionaries(
            {"clip": st.just("a.mp4") | TOML},
            optional={
                "out": TOML,
                "name": TOML,
                "shot": st.lists(st.fixed_dictionaries({"shots": TOML}, optional={"seed": TOML}), max_size=2)
                | TOML,
                "style": TOML,
                "loras": TOML,
                "controls": TOML,
                "styles_dirs": TOML,
                "rate": TOML,
            },
        ),
        max_size=3,
    ),
    TOML,
)
def test_lists_of_jobs(tmp_path: Path, rows: list[dict[str, Any]], shared: Any) -> None:
    is_read_or_refused(lambda: read_jobs(written(tmp_path / "jobs.toml", {"job": rows, "all": shared})))
    is_read_or_refused(lambda: read_recipe_table(tmp_path / "jobs.toml"))


@QUICK
@given(
    st.text("0123456789,;\t\n\"'-x startend.", max_size=80) | st.text(max_size=30) | st.binary(max_size=40)
)
def test_shot_lists_and_captions(tmp_path: Path, text: str | bytes) -> None:
    file, drawing = tmp_path / "shots.csv", tmp_path / "drawings"
    data = text if isinstance(text, bytes) else ("start,end\n" + text).encode("utf-8", "surrogatepass")
    file.write_bytes(data)
    is_read_or_refused(lambda: read_shots(file, CLIP))
    is_read_or_refused(lambda: parse_rules([], file))
    drawing.mkdir(exist_ok=True)
    (drawing / "a.png").write_bytes(PNG)
    (drawing / "a.txt").write_bytes(data)
    is_read_or_refused(lambda: find_drawings(drawing))


def a_png() -> bytes:
    import cv2

    return bytes(cv2.imencode(".png", np.zeros((64, 64, 3), np.uint8))[1])


PNG = a_png()


@QUICK
@given(st.text("0123456789:.,-x/ef ", max_size=60) | TEXT)
def test_typed_times_and_numbers(text: str) -> None:
    is_read_or_refused(lambda: parse_time(text, CLIP))
    is_read_or_refused(lambda: parse_rate(text))
    is_read_or_refused(lambda: parse_frames(text, CLIP, range(20)))
    is_read_or_refused(lambda: parse_rules([text]))


CAMERA_NAMES = [
    *(
        "kind",
        "fps",
        "first_frame",
        "size_px",
        "film_back_mm",
        "shift_mm",
        "distortion_k1_k2_p1_p2_k3",
        "focal_mm",
    ),
    *(
        "camera_to_world_m",
        "transforms",
        "lens",
        "static",
        "timing",
        "asset",
        "nodes",
        "cameras",
        "scenes",
        "accessors",
    ),
    *(
        "bufferViews",
        "buffers",
        "animations",
        "meshes",
        "materials",
        "textures",
        "images",
        "extensionsRequired",
    ),
]


@QUICK
@given(
    st.dictionaries(st.sampled_from(CAMERA_NAMES), VALUES, max_size=8),
    st.sampled_from([{}, {"kind": "compositing camera"}, {"asset": {"version": "2.0"}}, {"transforms": []}]),
    st.text("0123456789 .-e#\n", max_size=80),
)
def test_camera_files_and_sets(
    tmp_path: Path, table: dict[str, Any], kind: dict[str, Any], lines: str
) -> None:
    text = json.dumps({**kind, **table})
    for suffix, contents in ((".json", text), (".gltf", text), (".chan", lines), (".txt", lines)):
        file = tmp_path / f"images{suffix}"
        file.write_text(contents)
        is_read_or_refused(lambda file=file: read_camera(file, size=(64, 48), fps=Fraction(24)))
    is_read_or_refused(lambda: read_model(tmp_path / "images.gltf"))


@QUICK
@given(tables(Manifest, values=VALUES), st.binary(max_size=60))
def test_manifests_and_weights(tmp_path: Path, table: dict[str, Any], data: bytes) -> None:
    (tmp_path / "edge.json").write_text(json.dumps({"format": 1, **table}))
    is_read_or_refused(lambda: read_manifest(tmp_path))
    (tmp_path / "a.safetensors").write_bytes(len(data).to_bytes(8, "little") + data)
    is_read_or_refused(lambda: check_pack(tmp_path, tmp_path))


def places(table: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a table."""
    inner = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    found = [path] if path else []
    for name, value in list(inner)[:6]:
        found += places(value, (*path, name))
    return found


def test_records_of_runs(planned, tmp_path: Path) -> None:
    """A true record, of which any part is replaced by anything."""
    job = planned()
    save_job(job)
    file = job.run_dir / "run.json"
    whole = file.read_text()
    where = places(json.loads(whole)["job"])

    @QUICK
    @given(st.sampled_from(where), VALUES | st.just("DELETE"))
    def replaced(place: tuple[Any, ...], value: Any) -> None:
        record = json.loads(whole)
        inside = record["job"]
        for name in place[:-1]:
            inside = inside[name]
        if value == "DELETE":
            del inside[place[-1]]
        else:
            inside[place[-1]] = value
        file.write_text(json.dumps(record))
        is_read_or_refused(lambda: load_job(job.run_dir))
        is_read_or_refused(lambda: load_job(job.run_dir, to_look=True))

    replaced()
    assert re.search(r'"job"', whole)
