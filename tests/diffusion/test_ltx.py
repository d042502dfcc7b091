"""LTX-Video draws over the frames of a window: the stock pipeline's frames from the same latents."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stylize.config.style import Control, Lora
from stylize.diffusion.noise import noise_seed
from stylize.errors import StylizeError
from tests.diffusion.video_models import NUMBERS, PLATES, SHOT, config_of, loaded

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.mark.parametrize(("strength", "guidance"), [(0.5, 3.0), (0.8, 1.0), (1.0, 1.0), (0.01, 1.0)])
def test_a_window_is_that_of_the_stock_pipeline(
    strength: float, guidance: float, pipelines: Callable[[str], Path]
) -> None:
    folder = pipelines("ltx")
    drawn = np.stack(
        loaded(folder, strength=strength, guidance=guidance, negative_prompt="worst").draw_window(
            PLATES, NUMBERS, SHOT
        )
    )
    pipe = diffusers.LTXConditionPipeline.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    with torch.no_grad():
        frames = torch.from_numpy(np.stack(PLATES).transpose(3, 0, 1, 2))[None]
        coded = pipe.vae.encode(frames * 2 - 1).latent_dist.mode()
    shape = (1, -1, 1, 1, 1)
    latents = (coded - pipe.vae.latents_mean.view(shape)) / pipe.vae.latents_std.view(shape)
    theirs = pipe(
        prompt="anime", negative_prompt="worst", latents=latents, denoise_strength=max(strength, 0.25),
        height=64, width=96, num_frames=9, num_inference_steps=4, guidance_scale=guidance, output_type="np",
        generator=torch.Generator().manual_seed(noise_seed("fixed", 0, SHOT, 100)),
    ).frames[0]  # fmt: skip
    assert drawn.std() > 0.01
    assert np.abs(drawn - theirs).max() <= 1e-5


def test_frames_and_sizes_are_those_that_it_can_draw(pipelines: Callable[[str], Path]) -> None:
    found = config_of(pipelines("ltx"))
    assert (found.checkpoint.family, found.checkpoint.grid, found.config.window) == ("ltx", 32, 97)
    odd = [plate[:50, :70] for plate in PLATES[:3]]
    drawn = loaded(pipelines("ltx"), guidance=1.0).draw_window(odd, NUMBERS[:3], SHOT)
    assert [each.shape for each in drawn] == [(50, 70, 3)] * 3
    few, many = (config_of(pipelines("ltx"), vram=24.0, size=side).config for side in (64, 512))
    assert (few.fit, many.fit) == (None, None)


@pytest.mark.parametrize("name", ["transformer.", "diffusion_model."])
def test_a_lora_is_added(name: str, pipelines: Callable[[str], Path], tmp_path: Path) -> None:
    up, down, place = torch.randn(24, 3), torch.randn(3, 24), "transformer_blocks.0.attn1.to_q"
    weights = {f"{name}{place}.lora_A.weight": down, f"{name}{place}.lora_B.weight": up}
    save_file(weights, tmp_path / "a.safetensors")
    plain, changed = (
        loaded(pipelines("ltx"), loras=loras).pipe.transformer.get_submodule(place).weight
        for loras in ((), (Lora(file=str(tmp_path / "a.safetensors"), weight=0.5),))
    )
    assert (changed - plain - 0.5 * up @ down).abs().max() <= 1e-5


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"window": 13}, "draws 8k\\+1 frames together"),
        ({"controls": (Control(condition="tile"),)}, "drawn without ControlNets"),
        ({"references": (Path("hero.png"),)}, "takes no --reference"),
    ],
)
def test_what_it_does_not_take_is_said(
    asked: dict[str, Any], sentence: str, pipelines: Callable[[str], Path]
) -> None:
    with pytest.raises(StylizeError, match=sentence):
        loaded(pipelines("ltx"), **asked)


def test_earlier_versions_are_refused(pipelines: Callable[[str], Path], tmp_path: Path) -> None:
    early = Path(shutil.copytree(pipelines("ltx"), tmp_path / "early"))
    file = early / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"use_dynamic_shifting": True}))
    with pytest.raises(StylizeError, match=r"before 0\.9\.5"):
        loaded(early)
