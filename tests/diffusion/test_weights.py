"""Weight files: hashed, and checked to be whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from stylize.diffusion.weight_files import read_weight_files


def checkpoint(folder: Path) -> Path:
    (folder / "unet").mkdir(parents=True)
    save_file({"a": np.zeros(40, np.float32), "b": np.ones(3, np.float16)}, folder / "unet" / "w.safetensors")
    return folder / "unet" / "w.safetensors"


def test_whole_weights_are_hashed(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "model")
    weights = read_weight_files(tmp_path / "model")
    assert (weights.name, weights.fault, weights.size) == ("model", None, file.stat().st_size)
    assert weights.sha256 == hashlib.sha256(b"unet/w.safetensors\0" + file.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda data: data[:-7], "damaged"),
        (lambda data: data + b"\0", "damaged"),
        (lambda data: data[:20], "damaged"),
        (lambda data: b"", "damaged"),
        (lambda data: b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
)
def test_spoilt_weights_are_noticed(tmp_path: Path, spoil: Callable[[bytes], bytes], told: str) -> None:
    file = checkpoint(tmp_path / "model")
    file.write_bytes(spoil(file.read_bytes()))
    assert told in (read_weight_files(tmp_path / "model").fault or "")


def test_a_checkpoint_without_weights(tmp_path: Path) -> None:
    assert read_weight_files(tmp_path).fault == "it has no weights"
