"""`stylize models`: what a checkpoint is, and whether its files are whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stylize.diffusion.checkpoint import bundled_models
from stylize.errors import ModelError, UsageError
from stylize.generators.model_facts import read_facts, verify_model
from tests.cli.conftest import Typed


def test_the_bundled_checkpoint_is_listed_and_shown(typed: Typed) -> None:
    listed = json.loads(typed("models", "list", "--json").out)
    assert [each["name"] for each in listed["bundled"]] == ["mini"]
    assert {each["family"] for each in listed["families"]} == {"sd1", "sd2", "sdxl"}
    shown = json.loads(typed("models", "show", "mini", "--json").out)
    assert (shown["short_side"], shown["predicts"]) == (384, "sample")
    assert shown["controlnets"] == ["lineart", "tile"]
    assert 0 < shown["bf16_bytes"] < shown["fp32_bytes"]
    assert "Stable Diffusion 1.x" in typed("models", "show", "mini").out


def test_whole_files_are_told_from_damaged_ones(tmp_path: Path) -> None:
    copy = shutil.copytree(bundled_models() / "mini", tmp_path / "copy")
    assert verify_model(str(copy)).sha256 == verify_model("mini").sha256
    weights = next((copy / "unet").glob("*.safetensors"))
    data = weights.read_bytes()
    weights.write_bytes(data[:-9])
    with pytest.raises(ModelError, match="cut off or damaged"):
        verify_model(str(copy))
    weights.write_bytes(data[:-2] + b"\xff\x7f")  # the last number, fp16, becomes NaN
    with pytest.raises(ModelError, match="no number"):
        verify_model(str(copy))
    with pytest.raises(UsageError, match="on this machine"):
        verify_model("owner/name")
    assert read_facts("mini").place == str(bundled_models() / "mini")
