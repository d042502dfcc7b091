"""The drawing of frames, on a narrow copy of SD 1.5's architecture and on the bundled checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control, Lora
from stylize.diffusion.generator import DiffusionGenerator
from stylize.errors import ModelError, UsageError
from stylize.footage.clip import Pixels, Shot

SHOT = Shot(0, 10)


@pytest.fixture(scope="module")
def plate() -> Pixels:
    y, x = np.mgrid[0:72, 0:100].astype(np.float32)
    return np.stack([x / 100, y / 72, (np.hypot(x - 50, y - 36) < 20) * 1.0], axis=-1).astype(np.float32)


def draw(config: ResolvedConfig, plate: Pixels, index: int = 0, shot: Shot = SHOT) -> Pixels:
    return DiffusionGenerator.load(config).draw([plate], [index], shot)[0]


def test_any_size_comes_back_at_its_own_size(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    drawn = draw(narrow_config, plate)
    assert drawn.shape == plate.shape == (72, 100, 3)  # neither divides by 64
    assert drawn.dtype == np.float32
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_a_batch_draws_what_single_frames_draw(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    generator = DiffusionGenerator.load(narrow_config)
    other = np.ascontiguousarray(plate[:, ::-1])
    together = generator.draw([plate, other], [0, 1], SHOT)
    apart = [generator.draw([plate], [0], SHOT)[0], generator.draw([other], [1], SHOT)[0]]
    for a, b in zip(together, apart, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


def test_noise_is_one_for_a_shot_or_one_for_a_frame(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    fixed = DiffusionGenerator.load(narrow_config)
    first, later = (fixed.draw([plate], [index], SHOT)[0] for index in (0, 5))
    np.testing.assert_array_equal(first, later)
    other_shot = fixed.draw([plate], [5], Shot(5, 9))[0]
    assert np.abs(other_shot - first).mean() > 1e-3
    free = DiffusionGenerator.load(narrow_config.model_copy(update={"noise": "per-frame"}))
    first, later = (free.draw([plate], [index], SHOT)[0] for index in (0, 5))
    assert np.abs(first - later).mean() > 1e-3


def test_another_seed_is_another_drawing(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    again = draw(narrow_config, plate)
    np.testing.assert_array_equal(draw(narrow_config, plate), again)
    assert np.abs(draw(narrow_config.model_copy(update={"seed": 8}), plate) - again).mean() > 1e-3


def test_source_noise_needs_no_seed_and_redraws_the_plate_best(
    narrow_config: ResolvedConfig, plate: Pixels
) -> None:
    source = narrow_config.model_copy(
        update={"noise": "source", "steps": 100, "strength": 0.15, "controls": ()}
    )
    fixed = source.model_copy(update={"noise": "fixed"})
    untouched = DiffusionGenerator.load(source)
    latents = _roundtrip(untouched, plate)
    inverted, noised = draw(source, plate), draw(fixed, plate)
    assert np.abs(inverted - latents).mean() < 0.5 * np.abs(noised - latents).mean()
    np.testing.assert_array_equal(inverted, draw(source.model_copy(update={"seed": 99}), plate))


def _roundtrip(generator: DiffusionGenerator, plate: Pixels) -> Pixels:
    """The plate through the autoencoder alone: the best that any inversion can give back."""
    import torch

    from stylize.diffusion import sampling

    with torch.inference_mode():
        pixels = generator.to_model([plate])
        back = sampling.decode(generator.checkpoint.vae, sampling.encode(generator.checkpoint.vae, pixels))
    return back[0].permute(1, 2, 0).numpy()[: plate.shape[0], : plate.shape[1]]


def test_more_strength_starts_from_more_noise(narrow_config: ResolvedConfig) -> None:
    from stylize.diffusion.schedulers import make_scheduler, timesteps_for

    own = DiffusionGenerator.load(narrow_config).checkpoint.scheduler
    runs = [timesteps_for(make_scheduler(own, "ddim"), 10, strength, "cpu") for strength in (0.01, 0.3, 1.0)]
    assert [len(run) for run in runs] == [1, 3, 10]
    assert int(runs[0][0]) < int(runs[1][0]) < int(runs[2][0])
    assert len({int(run[-1]) for run in runs}) == 1  # all end in the same clean picture


@pytest.mark.parametrize("scheduler", [None, "ddim", "lcm", "euler", "euler-a", "dpm++", "unipc"])
def test_every_scheduler_draws(narrow_config: ResolvedConfig, plate: Pixels, scheduler: str | None) -> None:
    config = narrow_config.model_copy(update={"scheduler": scheduler})
    drawn = draw(config, plate)
    assert np.isfinite(drawn).all()
    np.testing.assert_array_equal(drawn, draw(config, plate))


def test_controls_hold_add_up_and_let_go(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    def with_controls(*controls: Control) -> Pixels:
        return draw(narrow_config.model_copy(update={"controls": controls}), plate)

    alone = with_controls()
    tile = with_controls(Control(condition="tile"))
    both = with_controls(Control(condition="tile"), Control(condition="canny", weight=0.5))
    brief = with_controls(Control(condition="tile", end=0.5))
    absent = with_controls(Control(condition="tile", weight=0.0))
    for other in (tile, both, brief):
        assert np.abs(other - alone).mean() > 1e-4
    assert np.abs(both - tile).mean() > 1e-4
    assert np.abs(brief - tile).mean() > 1e-4
    np.testing.assert_array_equal(absent, alone)


def test_prompt_and_guidance_count(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    plain = draw(narrow_config, plate)
    other = draw(narrow_config.model_copy(update={"prompt": "night palette, thick lines"}), plate)
    guided = draw(narrow_config.model_copy(update={"guidance": 7.5}), plate)
    skipped = draw(narrow_config.model_copy(update={"clip_skip": 1}), plate)
    for drawn in (other, guided, skipped):
        assert np.abs(drawn - plain).mean() > 1e-5


def test_guidance_of_one_is_no_guidance(narrow_config: ResolvedConfig, plate: Pixels) -> None:
    """At weight 1 the unwanted prompt cancels, so it is not even computed."""
    nearly = draw(narrow_config.model_copy(update={"guidance": 1.000001}), plate)
    np.testing.assert_allclose(nearly, draw(narrow_config, plate), atol=1e-3)


def test_a_lora_changes_the_drawing_by_its_weight(
    narrow_config: ResolvedConfig, plate: Pixels, tmp_path: Path
) -> None:
    file = _write_lora(narrow_config, tmp_path)
    plain = draw(narrow_config, plate)
    gaps = []
    for weight in (0.0, 0.5, 1.0):
        drawn = draw(
            narrow_config.model_copy(update={"loras": (Lora(file=str(file), weight=weight),)}), plate
        )
        gaps.append(float(np.abs(drawn - plain).mean()))
    assert gaps[0] == 0
    assert 0 < gaps[1] < gaps[2]


def _write_lora(config: ResolvedConfig, folder: Path) -> Path:
    import torch
    from diffusers import StableDiffusionPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    from stylize.diffusion.checkpoint import load_checkpoint

    unet = load_checkpoint(config.checkpoint, torch.device("cpu"), torch.float32, offline=True).unet
    torch.manual_seed(1)
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=get_peft_model_state_dict(unet))
    return folder / "pytorch_lora_weights.safetensors"


def test_pickles_are_refused_everywhere(narrow_config: ResolvedConfig, tmp_path: Path) -> None:
    for update in (
        {"checkpoint": str(tmp_path / "model.ckpt")},
        {"loras": (Lora(file=str(tmp_path / "style.pt")),)},
        {"controls": (Control(condition="tile", model=str(tmp_path / "net.pth")),)},
    ):
        with pytest.raises(UsageError, match="not loaded"):
            DiffusionGenerator.load(narrow_config.model_copy(update=update))


def test_a_controlnet_that_is_not_there_is_named(narrow_config: ResolvedConfig) -> None:
    config = narrow_config.model_copy(update={"controls": (Control(condition="lineart_standard"),)})
    with pytest.raises(ModelError, match="lineart_standard") as caught:
        DiffusionGenerator.load(config)
    assert "canny, tile" in str(caught.value.hint)


def test_a_controlnet_of_another_architecture_is_refused(
    narrow_config: ResolvedConfig, tmp_path: Path
) -> None:
    from diffusers import ControlNetModel

    net = ControlNetModel(
        block_out_channels=(32, 32),
        cross_attention_dim=32,
        norm_num_groups=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        attention_head_dim=4,
    )
    net.save_pretrained(tmp_path / "net")
    config = narrow_config.model_copy(
        update={"controls": (Control(condition="tile", model=str(tmp_path / "net")),)}
    )
    with pytest.raises(ModelError, match="another architecture"):
        DiffusionGenerator.load(config)


def test_a_folder_that_is_no_checkpoint_is_refused(narrow_config: ResolvedConfig, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model_index"):
        DiffusionGenerator.load(narrow_config.model_copy(update={"checkpoint": str(tmp_path)}))
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded"):
        DiffusionGenerator.load(narrow_config.model_copy(update={"checkpoint": str(tmp_path)}))
