"""`stylize models`: what a checkpoint is, and whether its files are whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import save_file

from stylize.diffusion.checkpoint import bundled_models
from stylize.errors import ModelError, UsageError
from stylize.generators.download import download, look_up
from stylize.generators.licences import licence_of
from stylize.generators.model_facts import read_facts, verify_model
from tests.cli.conftest import Typed


def test_the_bundled_checkpoint_is_listed_and_shown(typed: Typed) -> None:
    listed = json.loads(typed("models", "list", "--json").out)
    assert [each["name"] for each in listed["bundled"]] == ["mini"]
    assert {each["family"] for each in listed["families"]} >= {
        "sd1",
        "sd2",
        "sdxl",
        "flux",
        "wan-vace",
        "wan",
    }
    assert all(each["bytes"] > 1e9 and each["licence"] for each in listed["families"])
    shown = json.loads(typed("models", "show", "mini", "--json").out)
    assert (shown["short_side"], shown["predicts"]) == (384, "sample")
    assert shown["controlnets"] == ["lineart", "tile"]
    assert shown["licence"] == "apache-2.0"
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


def test_a_licence_is_read_from_what_came_with_a_model(tmp_path: Path) -> None:
    assert licence_of(tmp_path) == "not said"
    (tmp_path / "LICENSE.md").write_text("be kind")
    assert licence_of(tmp_path) == "in LICENSE.md"
    card = tmp_path / "README.md"
    card.write_text("---\ntags:\n- video\nlicense: other\nlicense_name: 'of its own'\n---\nlicense: none\n")
    assert licence_of(tmp_path) == "of its own"
    card.write_text("license: none of the head")
    assert licence_of(tmp_path) == "in LICENSE.md"
    file = tmp_path / "all.safetensors"
    save_file({"a": np.ones(1, np.float32)}, file, {"modelspec.license": "CC0"})
    assert licence_of(file) == "CC0"


HUB = {
    "model_index.json": b"{}",
    "unet/config.json": b"{}",
    "unet/diffusion_pytorch_model.safetensors": b"plain",
    "unet/diffusion_pytorch_model.fp16.safetensors": b"half",
    "unet/diffusion_pytorch_model.bin": b"pickle",
    "vae/model.safetensors": b"vae",
    "whole.safetensors": b"all of it once more",
    "run_me.py": b"",
    "LICENSE.md": b"be kind",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A hub with one model; what is fetched of it is listed."""
    import huggingface_hub

    fetched: list[str] = []

    def info(_: object, name: str, files_metadata: bool) -> object:
        files = [
            SimpleNamespace(
                rfilename=file, size=len(data), lfs=SimpleNamespace(sha256=hashlib.sha256(data).hexdigest())
            )
            for file, data in HUB.items()
        ]
        card = SimpleNamespace(to_dict=lambda: {"license": "openrail"})
        return SimpleNamespace(siblings=files, sha="c0ffee" * 7, card_data=card)

    def fetch(name: str, revision: str, local_dir: Path, allow_patterns: list[str]) -> None:
        for file in allow_patterns:
            fetched.append(file)
            (local_dir / file).parent.mkdir(parents=True, exist_ok=True)
            (local_dir / file).write_bytes(HUB[file])

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", info)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    return fetched


def test_a_model_is_copied_without_what_it_does_not_need(
    hub: list[str], typed: Typed, tmp_path: Path
) -> None:
    told = typed("models", "download", "owner/anime", "-o", str(tmp_path / "anime"), "--yes")
    assert "licence: openrail" in told.out
    assert sorted(hub) == [
        "LICENSE.md",
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/model.safetensors",
    ]
    assert (tmp_path / "anime" / "vae" / "model.safetensors").read_bytes() == b"vae"
    typed("models", "download", "owner/anime", "-o", str(tmp_path / "half"), "--variant", "fp16", "--yes")
    assert (tmp_path / "half/unet/diffusion_pytorch_model.fp16.safetensors").read_bytes() == b"half"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_download_that_is_not_whole_leaves_nothing(
    hub: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = look_up("owner/anime")
    monkeypatch.setitem(HUB, "vae/model.safetensors", b"vat")
    with pytest.raises(ModelError, match="not what the hub has"):
        download(model, tmp_path / "anime")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "anime").mkdir()
    with pytest.raises(UsageError, match="exists"):
        download(model, tmp_path / "anime")
    with pytest.raises(UsageError, match="no model of the hub"):
        look_up("mini")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UsageError, match="switches the network off"):
        look_up("owner/anime")
