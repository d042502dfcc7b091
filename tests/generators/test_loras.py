"""LoRAs are looked at before anything is loaded: their files, and whether the model has what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from stylize.config.settings import RunSettings
from stylize.config.style import Lora
from stylize.errors import UsageError
from stylize.generators.resolve import resolve
from tests.narrow import write_narrow_checkpoint


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    model = write_narrow_checkpoint(tmp_path / "model")
    save_file({"a": torch.zeros(1)}, tmp_path / "hero.safetensors")
    (tmp_path / "style.toml").write_text(
        f'title = "Hero"\ncheckpoint = "{model}"\nprompt = "hero"\n'
        '[[loras]]\nfile = "hero.safetensors"\nexpert = "high"\n'
    )
    return tmp_path


def test_the_style_s_own_is_refused_with_a_unet(pack: Path) -> None:
    with pytest.raises(UsageError, match="no two transformers"):
        resolve(RunSettings(style=str(pack), device="cpu"))


def test_the_user_s_is_refused_and_may_replace_the_style_s(pack: Path) -> None:
    lora = Lora(file=str(pack / "hero.safetensors"))
    named = lora.model_copy(update={"expert": "low"})
    with pytest.raises(UsageError, match="no two transformers"):
        resolve(RunSettings(style=str(pack), device="cpu", loras=(named,)))
    assert resolve(RunSettings(style=str(pack), device="cpu", loras=(lora,))).config.loras == (lora,)


def test_a_file_that_is_not_there_is_said_before_anything_is_loaded(pack: Path) -> None:
    lost = (Lora(file=str(pack / "lost.safetensors")),)
    with pytest.raises(UsageError, match="no such LoRA"):
        resolve(RunSettings(style=str(pack), device="cpu", loras=lost))
    assert resolve(RunSettings(style=str(pack), device="cpu", loras=lost), remote=True).config.loras == lost
