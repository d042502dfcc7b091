"""The live models that come with the program: small, whole, and they draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize.config.settings import RunSettings
from stylize.diffusion.sizes import scale_down
from stylize.edge.engines import products
from stylize.edge.live.find import bundled, bundled_live_models
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.live.manifest import LiveManifest
from stylize.edge.quantize.measure import psnr
from stylize.errors import UsageError
from stylize.footage import probe, read_frames
from stylize.footage.clip import Pixels
from stylize.generators.resolve import resolve_config

SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "sample.mp4"
MOST_BYTES = 10_000_000


@pytest.fixture(scope="module")
def frame() -> Pixels:
    pixels = next(iter(read_frames(probe(SAMPLE), 24, 25))).pixels
    return scale_down(pixels, (320, 184))


def grain(picture: Pixels) -> float:
    """The mean difference between neighbouring pixels that is too small to be a line or an edge."""
    slopes = np.abs(np.diff(picture.mean(axis=2), axis=1))
    return float(slopes[slopes < 0.03].mean())


def test_all_of_them_are_small() -> None:
    files = [file for file in bundled_live_models().rglob("*") if file.is_file()]
    assert 0 < sum(file.stat().st_size for file in files) <= MOST_BYTES


@pytest.mark.parametrize("manifest", bundled(), ids=lambda each: each.name)
def test_a_drawing_is_flatter_than_its_frame_and_int8_draws_the_same(
    manifest: LiveManifest, frame: Pixels
) -> None:
    folder = bundled_live_models() / manifest.name
    exact = LiveDrawer.load(folder, "float", "onnxruntime").draw(frame)
    quick = LiveDrawer.load(folder, "int8", "openvino").draw(frame)
    assert psnr(quick, exact) > 36
    assert grain(exact) < 0.8 * grain(frame)
    assert psnr(exact, frame) > 15


def test_a_style_s_strength_is_not_applied_to_what_has_learnt_it(tmp_path: Path) -> None:
    """The teacher drew at that strength; a style whose own model is live says how strongly that one draws."""
    for checkpoint, wanted in (("mini", 1.0), ("live", 0.5)):
        pack = tmp_path / checkpoint
        pack.mkdir()
        (pack / "style.toml").write_text(
            f'title = "a"\nprompt = "a"\ncheckpoint = "{checkpoint}"\nstrength = 0.5\n'
        )
        folder = str(bundled_live_models() / "anime-s")
        assert resolve_config(RunSettings(style=str(pack), model=folder)).strength == wanted
        asked = RunSettings(style=str(pack), model=folder, strength=0.25)
        assert resolve_config(asked).strength == 0.25


@pytest.mark.parametrize(
    ("setting", "flag"),
    [
        ({"controls": ()}, "--control "),
        ({"loras": ()}, "--lora "),
        ({"references": ()}, "--reference "),
        ({"embeddings": ()}, "--embedding "),
        ({"vae": "some/vae"}, "--vae "),
        ({"clip_skip": 1}, "--clip-skip "),
        ({"spacing": "trailing"}, "--spacing "),
        ({"sigmas": "karras"}, "--sigmas "),
    ],
)
def test_what_a_live_model_cannot_follow_is_refused_by_its_flag(setting: dict[str, Any], flag: str) -> None:
    with pytest.raises(UsageError, match=f"so that {flag}can change nothing"):
        resolve_config(RunSettings(model="live", **setting))


def test_the_middle_one_draws_by_default() -> None:
    config = resolve_config(RunSettings(model="live"))
    assert Path(config.checkpoint) == bundled_live_models() / "anime-m"


@pytest.mark.parametrize(
    ("engine", "exact", "precision"),
    [("openvino", True, "int8"), ("openvino", False, "float"), ("onnxruntime", False, "int8")],
)
def test_a_live_model_is_drawn_in_what_is_quicker_here(
    engine: str, exact: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "are_exact", lambda: exact)
    assert resolve_config(RunSettings(model="live", device=engine)).precision == precision
    assert resolve_config(RunSettings(model="live-m", precision="fp32")).precision == "float"
