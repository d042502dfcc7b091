"""Wan draws over the frames of a window: the stock pipelines' frames, in every form of Wan's weights."""

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
from stylize.diffusion.pipelines.generator import PipelineGenerator
from stylize.errors import StylizeError
from stylize.footage.clip import Pixels
from stylize.passes.style import drawing_settings
from tests.diffusion.video_models import NUMBERS, PLATES, SHOT, config_of, loaded

pytestmark = pytest.mark.usefixtures("no_network")


def window(generator: PipelineGenerator) -> Pixels:
    drawn = np.stack(generator.draw_window(PLATES, NUMBERS, SHOT))
    assert drawn.std() > 0.01
    return drawn


def noise() -> torch.Generator:
    return torch.Generator().manual_seed(noise_seed("fixed", 0, SHOT, NUMBERS[0]))


def frames() -> torch.Tensor:
    return torch.from_numpy(np.stack(PLATES).transpose(0, 3, 1, 2))


def stock(kind: str, folder: Path, ours: PipelineGenerator, **given: Any) -> Pixels:
    """The window that diffusers' own pipeline draws, loaded and called as its documentation says."""
    pipe = getattr(diffusers, kind).from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    words = {name: value for name, value in ours.words.items() if name.endswith("embeds")}
    call = {"num_inference_steps": 4, "guidance_scale": 4.0, "height": 64, "width": 96, "output_type": "np"}
    drawn: Pixels = pipe(**(call | words | given)).frames[0]
    return drawn


def noisy(generator: PipelineGenerator) -> torch.Tensor:
    """The latents that drawing begins with at strength 1, by the pipeline's own functions."""
    pipe = generator.pipe
    pipe.scheduler.set_timesteps(4)
    video = pipe.video_processor.preprocess_video(frames(), height=64, width=96)
    channels = pipe.transformer.config.in_channels
    with torch.no_grad():
        latents: torch.Tensor = pipe.prepare_latents(
            video, 1, channels, 64, 96, torch.float32, "cpu", noise(), None, pipe.scheduler.timesteps[:1]
        )
    return latents


@pytest.mark.parametrize(("strength", "guidance"), [(0.5, 4.0), (0.8, 1.0), (0.01, 1.0)])
def test_a_window_is_that_of_the_stock_pipeline(
    strength: float, guidance: float, pipelines: Callable[[str], Path]
) -> None:
    generator = loaded(pipelines("wan"), strength=strength, guidance=guidance, negative_prompt="worst")
    theirs = stock(
        "WanVideoToVideoPipeline", pipelines("wan"), generator, video=frames(), generator=noise(),
        strength=max(strength, 0.25), guidance_scale=guidance,  # a quarter of four steps is one, the least
    )  # fmt: skip
    assert np.array_equal(window(generator), theirs)


@pytest.mark.parametrize("form", ["wan-2.2", "wan-2.2-5b"])
def test_forms_of_version_2_2_draw_as_the_stock_pipeline_from_the_same_latents(
    form: str, pipelines: Callable[[str], Path]
) -> None:
    """diffusers has no pipeline that draws over frames with these: from pure noise on it draws the same."""
    generator = loaded(pipelines(form), strength=1.0)
    theirs = stock("WanPipeline", pipelines(form), generator, latents=noisy(generator), num_frames=9)
    assert np.abs(window(generator) - theirs).max() <= 1e-5


def test_little_noise_is_left_to_the_second_transformer(
    pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    alone = Path(shutil.copytree(pipelines("wan-2.2"), tmp_path / "alone"))
    shutil.rmtree(alone / "transformer")
    (alone / "transformer_2").rename(alone / "transformer")
    index = json.loads((alone / "model_index.json").read_text())
    index |= {"transformer_2": [None, None], "boundary_ratio": None}
    (alone / "model_index.json").write_text(json.dumps(index))
    both = loaded(pipelines("wan-2.2"), strength=0.5)
    assert np.array_equal(window(both), window(loaded(alone, strength=0.5)))
    assert not np.array_equal(
        window(loaded(pipelines("wan-2.2"), strength=1.0)), window(loaded(alone, strength=1.0))
    )


def lora_file(file: Path, name: str) -> Path:
    up, down = torch.randn(24, 3), torch.randn(3, 24)
    save_file({f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}, file)
    return file


@pytest.mark.parametrize(
    "name",
    [
        "diffusion_model.blocks.0.self_attn.q",
        "lora_unet_blocks_0_self_attn_q",
        "transformer.blocks.0.attn1.to_q",
    ],
)
def test_a_lora_is_added_to_the_transformer_that_it_is_for(
    name: str, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    file = lora_file(tmp_path / "hero.safetensors", name)

    def weights(folder: Path, loras: tuple[Lora, ...]) -> list[torch.Tensor]:
        network = loaded(folder, loras=loras).pipe.transformer
        experts = [network.first, network.second] if folder == pipelines("wan-2.2") else [network]
        return [each.blocks[0].attn1.to_q.weight for each in experts]

    for folder, expert, changed in (
        ("wan", None, [True]),
        ("wan-2.2", None, [True, True]),
        ("wan-2.2", "high", [True, False]),
        ("wan-2.2", "low", [False, True]),
    ):
        plain = weights(pipelines(folder), ())
        own = weights(pipelines(folder), (Lora(file=str(file), expert=expert, weight=0.5),))
        assert [not torch.equal(a, b) for a, b in zip(own, plain, strict=True)] == changed
    one, other = (
        drawing_settings(config_of(pipelines("wan-2.2"), loras=(Lora(file=str(file), expert=each),)).config)
        for each in ("high", "low")
    )
    assert one != other


def test_sizes_are_those_of_the_autoencoder(pipelines: Callable[[str], Path]) -> None:
    fine, coarse = (config_of(pipelines(name)).checkpoint for name in ("wan", "wan-2.2-5b"))
    assert [(each.family, each.grid, each.short_side) for each in (fine, coarse)] == [
        ("wan", 16, 480),
        ("wan", 32, 704),
    ]
    odd = [plate[:50, :70] for plate in PLATES[:3]]
    drawn = loaded(pipelines("wan-2.2-5b"), guidance=1.0).draw_window(odd, NUMBERS[:3], SHOT)
    assert [each.shape for each in drawn] == [(50, 70, 3)] * 3  # 3 are drawn as 5, the last one held


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"controls": (Control(condition="tile"),)}, "drawn without ControlNets"),
        ({"references": (Path("hero.png"),)}, "takes no --reference"),
        ({"window": 16}, "draws 4k\\+1 frames together"),
        ({"loras": (Lora(file="a.safetensors", expert="high"),)}, "one transformer"),
        ({"scheduler": "euler"}, "takes no --scheduler"),
    ],
)
def test_what_wan_does_not_take_is_said(
    asked: dict[str, Any], sentence: str, pipelines: Callable[[str], Path], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    lora_file(tmp_path / "a.safetensors", "transformer.blocks.0.attn1.to_q")
    with pytest.raises(StylizeError, match=sentence):
        loaded(pipelines("wan"), **asked)


def test_a_checkpoint_without_its_second_transformer_is_refused(
    pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    half = Path(shutil.copytree(pipelines("wan-2.2"), tmp_path / "half"))
    index = json.loads((half / "model_index.json").read_text())
    (half / "model_index.json").write_text(json.dumps(index | {"transformer_2": [None, None]}))
    with pytest.raises(StylizeError, match="belong together"):
        loaded(half)


def test_one_file_does_not_replace_two_transformers(pipelines: Callable[[str], Path]) -> None:
    folder = pipelines("wan-2.2")
    one = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    with pytest.raises(StylizeError, match="has two transformers here, and one file cannot replace both"):
        config_of(folder, transformer=one)
