"""What cannot be meant, or does not fit, is said in a sentence before anything is drawn."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from transformers import CLIPTokenizer

from stylize.cli import main
from stylize.config.read_settings import read_settings
from stylize.diffusion.prompts.chunks import cut, framed
from stylize.diffusion.prompts.weights import read_weights
from stylize.edge.manifest import Manifest, Metrics, read_manifest
from stylize.edge.tokens import is_too_long, tokenize
from stylize.errors import ModelError, UsageError
from stylize.generators.automatic import AutoChoice
from stylize.generators.resolve import resolve


def manifest_with(metrics: Metrics | None) -> Manifest:
    return Manifest(
        made_by="a test", versions={}, target="cpu-int8", checkpoint="c", revision="r", key="k", short_side=64,
        latent_scale=2, levels=4, channels=12, clip_skip=0, tokens=32, pad_token=0, samplers={}, size=None,
        measured_at=(64, 64), parts={}, controls=(), loras=(), metrics=metrics,
    )  # fmt: skip


@pytest.fixture
def copy(exports: dict[str, Path], tmp_path: Path) -> Path:
    """An export to spoil."""
    shutil.copytree(exports["mini"], tmp_path / "export")
    return tmp_path / "export"


def refused(capfd: pytest.CaptureFixture[str], *words: str | Path) -> str:
    capfd.readouterr()
    code = main([str(word) for word in words])
    said = capfd.readouterr().err
    assert code in (1, 2), said
    assert "Traceback" not in said
    return " ".join(said.split())


def run(clip: Path, model: Path | str, tmp_path: Path, *more: str) -> list[str | Path]:
    return [
        "run",
        clip,
        "--runtime",
        "edge",
        "--model",
        model,
        "--size",
        "72",
        "-o",
        tmp_path / "f.mp4",
        *more,
    ]


def test_a_lora_that_is_not_fused(
    copy: Path, clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ink.safetensors").write_bytes(b"weights")
    said = refused(capfd, *run(clip, copy, tmp_path, "--lora", str(tmp_path / "ink.safetensors:0.5")))
    assert "LoRAs are fused into an export when it is made" in said
    assert "ink.safetensors:0.5" in said
    assert "stylize edge quantize" in said


def test_a_controlnet_that_is_not_in_it(
    copy: Path, clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = refused(capfd, *run(clip, copy, tmp_path, "--control", "canny"))
    assert "no ControlNet for 'canny': it has tile" in said


def test_a_size_that_it_was_not_made_for(
    copy: Path, clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = json.loads((copy / "edge.json").read_text())
    (copy / "edge.json").write_text(json.dumps({**table, "size": [512, 512]}))
    said = refused(capfd, *run(clip, copy, tmp_path))
    assert "draws 512x512 only, not 128x80" in said
    assert "--shape 128x80" in said


def test_files_that_are_not_the_manifests(
    copy: Path, clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = copy / "unet" / "model.onnx"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert "not the one that the export's manifest was written for" in refused(
        capfd, *run(clip, copy, tmp_path)
    )
    file.unlink()
    assert "missing" in refused(capfd, *run(clip, copy, tmp_path))


def test_a_manifest_that_cannot_be_read(copy: Path) -> None:
    table = json.loads((copy / "edge.json").read_text())
    for content, words in (
        ("{", "is not JSON"),
        (json.dumps({**table, "format": 99}), "format 99"),
        (
            json.dumps({key: value for key, value in table.items() if key != "samplers"}),
            "'samplers' is missing",
        ),
    ):
        (copy / "edge.json").write_text(content)
        with pytest.raises(ModelError, match=words):
            read_manifest(copy)


def test_a_provider_that_is_not_here(
    copy: Path, clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = refused(capfd, *run(clip, copy, tmp_path, "--device", "coreml"))
    assert "no CoreMLExecutionProvider" in said
    assert "no device called 'tpu'" in refused(capfd, *run(clip, copy, tmp_path, "--device", "tpu"))


def test_an_export_asks_for_its_runtime(
    copy: Path, clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = refused(capfd, "run", clip, "--runtime", "torch", "--model", copy, "-o", tmp_path / "f.mp4")
    assert "add --runtime edge" in said


def test_no_export_is_here(clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said = refused(capfd, *run(clip, "mini", tmp_path), "--style", "watercolor")
    assert "There is no export of this checkpoint" in said
    assert "stylize edge quantize mini" in said


def test_footage_of_one_frame(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import cv2
    import numpy as np

    cv2.imwrite(str(tmp_path / "still.000001.png"), np.full((64, 64, 3), 90, np.uint8))
    said = refused(capfd, "edge", "quantize", "mini", "--calibrate", tmp_path / "still.%06d.png")
    assert "This clip has 1 frame: at least 6 are needed to calibrate and to check." in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--target", "int3"), "no target called 'int3'"),
        ((), "measured on footage"),
        (("--target", "w8", "--shape", "500x512"), "do not divide by 16"),
        (("--target", "w8", "--shape", "big"), "written as 512x512"),
    ],
)
def test_words_that_cannot_be_meant(
    words: tuple[str, ...], expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert expected in refused(capfd, "edge", "quantize", "mini", *words)


def test_a_prompt_is_read_as_torch_reads_it(exports: dict[str, Path], narrow: Path) -> None:
    """A backslash before a bracket is no word; torch joins parts of 75 tokens, where CLIP's encoder is whole."""
    folder = exports["narrow"]
    manifest = read_manifest(folder)
    tokenizer = CLIPTokenizer.from_pretrained(narrow / "tokenizer", local_files_only=True)
    for text in ("a red coat", r"a \(red\) coat", ""):
        (part,) = cut(tokenizer, read_weights(text))
        np.testing.assert_array_equal(tokenize(folder, manifest, text)[0], framed(tokenizer, part)[0])
    long = "red, " * 60
    assert tokenize(folder, manifest, long).shape == (1, 77)
    assert is_too_long(folder, manifest, long)
    assert not is_too_long(folder, manifest, "a red coat")
    short = manifest.model_copy(update={"tokens": 32})
    assert not is_too_long(folder, short, long), "torch cuts the prompt of a short encoder as well"


def test_a_prompt_that_is_longer_than_an_export_s_is_drawn_by_torch(
    exports: dict[str, Path], narrow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"prompt": "red, " * 60, "controls": ()}
    with pytest.raises(UsageError, match="more than 75 tokens"):
        resolve(read_settings(model=str(exports["narrow"]), **asked))
    monkeypatch.setattr(
        "stylize.generators.resolve.choose_automatically", lambda *_: AutoChoice(exports["narrow"], "")
    )
    found = resolve(read_settings(model=str(narrow), runtime="auto", **asked))
    assert (found.config.runtime, "more than 75 tokens" in found.why) == ("torch", True)
    assert resolve(read_settings(model=str(narrow), **{**asked, "prompt": "red"})).config.runtime == "edge"


def test_guidance_as_an_input_is_for_torch_alone(narrow: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(narrow, tmp_path / "copy")
    config = copy / "unet" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "time_cond_proj_dim": 256}))
    with pytest.raises(UsageError, match="Only torch draws with guidance as an input"):
        resolve(read_settings(model=str(copy), runtime="edge", controls=()))
