"""LoRAs of every make lie on a checkpoint alike; what does not fit is refused by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from stylize.diffusion.checkpoint import Checkpoint, load_checkpoint
from stylize.diffusion.lora import load_loras, lora_diffusion
from stylize.diffusion.lora.formats import recognise
from stylize.errors import ModelError

RANK = 2
MODULE = "mid_block.attentions.0.transformer_blocks.0.attn2.to_q"
TEXT = "encoder.layers.1.self_attn.q_proj"


@pytest.fixture
def checkpoint(narrow: Path) -> Checkpoint:
    return load_checkpoint(str(narrow), torch.device("cpu"), torch.float32, offline=True)


def update_for(weight: Tensor) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(weight.shape[0])
    return tuple(
        torch.randn(shape, generator=chance) for shape in ((RANK, weight.shape[1]), (weight.shape[0], RANK))
    )


def weight_of(part: torch.nn.Module, name: str) -> Tensor:
    return part.state_dict()[f"{name}.weight"]


def in_diffusers(down: Tensor, up: Tensor, folder: Path) -> Path:
    return save({f"unet.{MODULE}.lora_A.weight": down, f"unet.{MODULE}.lora_B.weight": up}, folder)


def in_old_diffusers(down: Tensor, up: Tensor, folder: Path) -> Path:
    block = MODULE.removesuffix(".to_q")
    names = (f"unet.{block}.processor.to_q_lora.down.weight", f"unet.{block}.processor.to_q_lora.up.weight")
    return save(dict(zip(names, (down, up), strict=True)), folder)


def in_kohya(down: Tensor, up: Tensor, folder: Path) -> Path:
    name = f"lora_unet_{MODULE.replace('.', '_')}"
    scaled = {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up * 2}
    return save({**scaled, f"{name}.alpha": torch.tensor(RANK / 2)}, folder)


def in_peft(down: Tensor, up: Tensor, folder: Path) -> Path:
    (folder / "adapter_config.json").write_text(json.dumps({"r": RANK, "lora_alpha": RANK / 2}))
    name = f"base_model.model.{MODULE}"
    return save({f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up * 2}, folder, "adapter_model")


def save(weights: dict[str, Tensor], folder: Path, name: str = "lora") -> Path:
    file = folder / f"{name}.safetensors"
    save_file({key: value.contiguous() for key, value in weights.items()}, file)
    return file


@pytest.mark.parametrize("make", [in_diffusers, in_old_diffusers, in_kohya, in_peft])
@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_every_make_lies_on_alike(
    make: Callable[[Tensor, Tensor, Path], Path], weight: float, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in checkpoint.unet.state_dict().items()}
    down, up = update_for(weight_of(checkpoint.unet, MODULE))
    load_loras(checkpoint, [(str(make(down, up, tmp_path)), weight)])
    for name, value in checkpoint.unet.state_dict().items():
        wanted = before[name] + weight * up @ down if name == f"{MODULE}.weight" else before[name]
        torch.testing.assert_close(value, wanted)


def test_several_add_up(checkpoint: Checkpoint, tmp_path: Path) -> None:
    before = weight_of(checkpoint.unet, MODULE).clone()
    down, up = update_for(before)
    files = []
    for number, make in enumerate((in_diffusers, in_kohya)):
        (tmp_path / str(number)).mkdir()
        files.append(str(make(down, up, tmp_path / str(number))))
    load_loras(checkpoint, [(files[0], 1.0), (files[1], -0.25)])
    torch.testing.assert_close(weight_of(checkpoint.unet, MODULE), before + 0.75 * up @ down)


@pytest.mark.parametrize("prefix", ["text_encoder.text_model.", "text_encoder."])
def test_the_text_encoder_by_either_name(prefix: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    encoder = checkpoint.text_encoder
    place = next(name for name, _ in encoder.named_modules() if name.endswith(TEXT))
    before = weight_of(encoder, place).clone()
    down, up = update_for(before)
    names = (f"{prefix}{TEXT}.lora_A.weight", f"{prefix}{TEXT}.lora_B.weight")
    load_loras(checkpoint, [(str(save(dict(zip(names, (down, up), strict=True)), tmp_path)), 1.0)])
    torch.testing.assert_close(weight_of(encoder, place), before + up @ down)


def test_lora_diffusion_by_numbers_and_its_words(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Written as its own program counts: levels down, levels up, the middle; gates between the attentions."""
    unet, encoder = checkpoint.unet, checkpoint.text_encoder
    blocks = [
        name for name, module in unet.named_modules() if type(module).__name__ == "BasicTransformerBlock"
    ]
    blocks.sort(key=lambda name: ("down", "up_b", "mid_").index(name[:4]))
    named = [f"{block}.{inner}" for block in blocks for inner in lora_diffusion.BLOCK]
    layers = [name for name, _ in encoder.named_modules() if name.endswith("self_attn")]
    texts = [f"{layer}.{inner}" for layer in layers for inner in ("k_proj", "v_proj", "q_proj", "out_proj")]
    weights: dict[str, Tensor] = {"<s1>": torch.full((32,), 0.5)}
    for part, net, names in (("unet", unet, named), ("text_encoder", encoder, texts)):
        for number, name in enumerate(names):
            down, up = update_for(weight_of(net, name))
            weights |= {f"{part}:{number}:down": down, f"{part}:{number}:up": up}
    before = {name: weight_of(unet, name).clone() for name in named}
    file = tmp_path / "lora.safetensors"
    save_file(weights, file, {"unet": '["CrossAttention", "Attention", "GEGLU"]'})
    load_loras(checkpoint, [(str(file), 1.0)])
    for name in named:
        down, up = update_for(before[name])
        torch.testing.assert_close(weight_of(unet, name), before[name] + up @ down)
    learnt = encoder.get_input_embeddings().weight[checkpoint.tokenizer.convert_tokens_to_ids("<s1>")]
    assert torch.equal(learnt, torch.full((32,), 0.5))


@pytest.mark.parametrize("name", ["lora_disney", "lora_analog_svd_rank4"])
def test_real_loras_fit_stable_diffusions_shape_and_no_other(
    name: str, shared_data: Path, checkpoint: Checkpoint
) -> None:
    from types import SimpleNamespace

    from diffusers import UNet2DConditionModel
    from safetensors import safe_open
    from transformers import CLIPTextConfig, CLIPTextModel

    from stylize.diffusion.lora import fit

    file = shared_data / "weights" / f"{name}.safetensors"
    with safe_open(file, "pt") as opened:
        metadata, weights = opened.metadata(), {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    with torch.device("meta"):
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768)
        shape = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12)
        text = CLIPTextModel(shape)
    converted = lora_diffusion.convert(weights, metadata, unet, text, file)
    assert len(converted) == 2 * (16 * 9 + 12 * 4)
    fit.check(converted, SimpleNamespace(unet=unet, text_encoder=text), file)
    with pytest.raises(ModelError, match="another architecture"):
        load_loras(checkpoint, [(str(file), 1.0)])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["lora_unet_x.hada_w1_a"], "LoHa"),
        (["lora_unet_x.lokr_w1"], "LoKr"),
        (["unet.x.lora_A.weight", "unet.x.lora_magnitude_vector"], "DoRA"),
        (["lora_te2_text_model_x.lora_down.weight"], "XL"),
        (["lora_unet_double_blocks_0_img_attn.lora_down.weight"], "Flux"),
        (["transformer.transformer_blocks.0.attn.to_q.lora_A.weight"], "Stable Diffusion 3"),
        (["diffusion_model.blocks.0.attn.q.lora_A.weight"], "video"),
        (["conv_in.weight"], "no LoRA"),
    ],
)
def test_what_is_not_known_is_refused_by_name(names: list[str], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        recognise(names, "file")


def test_a_lora_of_another_size_or_place_says_where(checkpoint: Checkpoint, tmp_path: Path) -> None:
    down, up = torch.zeros(RANK, 9), torch.zeros(64, RANK)
    with pytest.raises(ModelError, match="it has 9 channels"):
        load_loras(checkpoint, [(str(in_diffusers(down, up, tmp_path)), 1.0)])
    elsewhere = {"unet.no.such.lora_A.weight": down, "unet.no.such.lora_B.weight": up}
    with pytest.raises(ModelError, match="no unet"):
        load_loras(checkpoint, [(str(save(elsewhere, tmp_path)), 1.0)])
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="damaged"):
        load_loras(checkpoint, [(str(tmp_path / "broken.safetensors"), 1.0)])
