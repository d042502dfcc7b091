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
from stylize.diffusion.lora.load import check_fits
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
    from diffusers import UNet2DConditionModel
    from safetensors import safe_open
    from transformers import CLIPTextConfig, CLIPTextModel

    file = shared_data / "weights" / f"{name}.safetensors"
    with safe_open(file, "pt") as opened:
        metadata, weights = opened.metadata(), {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    with torch.device("meta"):
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768)
        shape = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12)
        text = CLIPTextModel(shape)
    converted = lora_diffusion.convert(weights, metadata, unet, text, file)
    assert len(converted) == 2 * (16 * 9 + 12 * 4)
    check_fits(converted, {"unet": unet, "text_encoder": text}, file)
    with pytest.raises(ModelError, match="another architecture"):
        load_loras(checkpoint, [(str(file), 1.0)])


KOHYA = f"lora_unet_{MODULE.replace('.', '_')}"
CONV = "down_blocks.0.resnets.0.conv1"
CONV_KOHYA = f"lora_unet_{CONV.replace('.', '_')}"


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def check_change(
    checkpoint: Checkpoint, folder: Path, weights: dict[str, Tensor], wanted: dict[str, Tensor], weight: float
) -> None:
    """Everything in `wanted` is added, and nothing else is changed."""
    before = {name: value.clone() for name, value in checkpoint.unet.state_dict().items()}
    load_loras(checkpoint, [(str(save(weights, folder)), weight)])
    for name, value in checkpoint.unet.state_dict().items():
        change = weight * wanted[name].reshape(value.shape) if name in wanted else torch.zeros(())
        torch.testing.assert_close(value, before[name] + change, rtol=0, atol=1e-5)


@pytest.mark.parametrize("alphas", [(1.0, 4.0), (8.0, 2.0), (None, 3.0)])
def test_rank_and_alpha_are_of_every_layer(
    alphas: tuple[float | None, ...], checkpoint: Checkpoint, tmp_path: Path
) -> None:
    weights, wanted = {}, {}
    for number, (inner, rank, alpha) in enumerate(zip(("to_q", "to_v"), (2, 8), alphas, strict=True)):
        module = MODULE.replace("to_q", inner)
        out, into = weight_of(checkpoint.unet, module).shape
        down, up = random(rank, into + number), random(out + number, rank)
        down, up = down[:, :into], up[:out]
        name = f"lora_unet_{module.replace('.', '_')}"
        weights |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        if alpha is not None:
            weights[f"{name}.alpha"] = torch.tensor(alpha)
        wanted[f"{module}.weight"] = (alpha or rank) / rank * up @ down
    check_change(checkpoint, tmp_path, weights, wanted, 0.75)


def test_locon_with_a_decomposed_kernel(checkpoint: Checkpoint, tmp_path: Path) -> None:
    out, into = weight_of(checkpoint.unet, CONV).shape[:2]
    down, mid, up = random(3, into, 1, 1), random(3, 3, 3, 3), random(out, 3, 1, 1)
    weights = {f"{CONV_KOHYA}.lora_{side}.weight": value for side, value in
               (("down", down), ("mid", mid), ("up", up))}  # fmt: skip
    weights[f"{CONV_KOHYA}.alpha"] = torch.tensor(1.0)
    picture = random(1, into, 6, 7)
    chained = picture
    for kernel, padding in ((down, 0), (mid, 1), (up, 0)):
        chained = torch.nn.functional.conv2d(chained, kernel, padding=padding)
    before = weight_of(checkpoint.unet, CONV).clone()
    load_loras(checkpoint, [(str(save(weights, tmp_path)), 1.0)])
    change = weight_of(checkpoint.unet, CONV) - before
    told = torch.nn.functional.conv2d(picture, change, padding=1)
    torch.testing.assert_close(told, chained / 3, rtol=1e-4, atol=1e-4)


def test_locon_of_a_whole_kernel(checkpoint: Checkpoint, tmp_path: Path) -> None:
    out, into = weight_of(checkpoint.unet, CONV).shape[:2]
    down, up = random(3, into, 3, 3), random(out, 3, 1, 1)
    weights = {f"{CONV_KOHYA}.lora_down.weight": down, f"{CONV_KOHYA}.lora_up.weight": up}
    wanted = torch.einsum("or,rikl->oikl", up[:, :, 0, 0], down)
    check_change(checkpoint, tmp_path, weights, {f"{CONV}.weight": wanted}, 0.5)


def test_loha(checkpoint: Checkpoint, tmp_path: Path) -> None:
    out, into = weight_of(checkpoint.unet, MODULE).shape
    halves = [(random(out, 3) / 3, random(3, into + half)[:, :into] / 3) for half in (0, 1)]
    weights = {f"{KOHYA}.alpha": torch.tensor(1.5)}
    for half, (left, right) in enumerate(halves, start=1):
        weights |= {f"{KOHYA}.hada_w{half}_a": left, f"{KOHYA}.hada_w{half}_b": right}
    wanted = (halves[0][0] @ halves[0][1]) * (halves[1][0] @ halves[1][1]) / 2
    check_change(checkpoint, tmp_path, weights, {f"{MODULE}.weight": wanted}, 1.0)


@pytest.mark.parametrize("whole", [True, False])
def test_lokr(whole: bool, checkpoint: Checkpoint, tmp_path: Path) -> None:
    """An alpha counts where a factor is of low rank; two whole factors have none to divide by."""
    out, into = weight_of(checkpoint.unet, MODULE).shape
    first, left, right = random(4, 2) / 3, random(out // 4, 2) / 3, random(2, into // 2) / 3
    weights = {f"{KOHYA}.lokr_w1": first, f"{KOHYA}.alpha": torch.tensor(1.0)}
    if whole:
        weights[f"{KOHYA}.lokr_w2"] = left @ right
    else:
        weights |= {f"{KOHYA}.lokr_w2_a": left, f"{KOHYA}.lokr_w2_b": right}
    second = left @ right
    wanted = torch.cat([torch.cat([cell * second for cell in row], 1) for row in first]) / (1 if whole else 2)
    check_change(checkpoint, tmp_path, weights, {f"{MODULE}.weight": wanted}, -0.5)


def test_full_differences_and_norms(checkpoint: Checkpoint, tmp_path: Path) -> None:
    norm = "down_blocks.0.resnets.0.norm1"
    diffs = {
        f"{CONV}.weight": random(*weight_of(checkpoint.unet, CONV).shape),
        f"{CONV}.bias": random(weight_of(checkpoint.unet, CONV).shape[0]),
        f"{norm}.weight": random(*weight_of(checkpoint.unet, norm).shape),
        f"{norm}.bias": random(*weight_of(checkpoint.unet, norm).shape),
    }
    names = [f"{CONV_KOHYA}.diff", f"{CONV_KOHYA}.diff_b"]
    names += [f"lora_unet_{norm.replace('.', '_')}.{kind}" for kind in ("w_norm", "b_norm")]
    check_change(checkpoint, tmp_path, dict(zip(names, diffs.values(), strict=True)), diffs, 0.5)


@pytest.mark.parametrize("form", ["kohya", "onetrainer", "peft"])
@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_dora_by_row_and_by_column(form: str, weight: float, checkpoint: Checkpoint, tmp_path: Path) -> None:
    own = weight_of(checkpoint.unet, MODULE).clone()
    down, up = (each / 4 for each in update_for(own))
    moved = own + up @ down
    axis = 0 if form == "onetrainer" else 1
    magnitude = random(own.shape[1 - axis]).abs() + 0.5
    magnitude = magnitude[None] if axis == 0 else magnitude[:, None]
    target = magnitude * moved / moved.square().sum(axis, keepdim=True).sqrt()
    if form == "peft":
        weights = {f"unet.{MODULE}.lora_A.weight": down, f"unet.{MODULE}.lora_B.weight": up}
        weights[f"unet.{MODULE}.lora_magnitude_vector"] = magnitude[:, 0]
    else:
        weights = {f"{KOHYA}.lora_down.weight": down, f"{KOHYA}.lora_up.weight": up}
        weights[f"{KOHYA}.dora_scale"] = magnitude
    check_change(checkpoint, tmp_path, weights, {f"{MODULE}.weight": target - own}, weight)


def test_the_metadata_of_diffusers_holds_the_alpha(checkpoint: Checkpoint, tmp_path: Path) -> None:
    down, up = update_for(weight_of(checkpoint.unet, MODULE))
    before = weight_of(checkpoint.unet, MODULE).clone()
    names = (f"unet.{MODULE}.lora_A.weight", f"unet.{MODULE}.lora_B.weight")
    told = json.dumps({"unet.lora_alpha": 7, "unet.alpha_pattern": {"attn2.to_q": 3}, "unet.r": RANK})
    file = tmp_path / "lora.safetensors"
    save_file(dict(zip(names, (down, up), strict=True)), file, {"lora_adapter_metadata": told})
    load_loras(checkpoint, [(str(file), 1.0)])
    torch.testing.assert_close(weight_of(checkpoint.unet, MODULE), before + 3 / RANK * up @ down)


@pytest.mark.parametrize("rooted", [False, True])
def test_peft_gives_layers_ranks_and_alphas_of_their_own(
    rooted: bool, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    """As `rank_pattern` and `alpha_pattern` say; with rsLoRA alpha is over the root of the rank."""
    told = {"r": 2, "lora_alpha": 2, "rank_pattern": {"attn2.to_v": 8}, "alpha_pattern": {"attn2.to_v": 4}}
    (tmp_path / "adapter_config.json").write_text(json.dumps({**told, "use_rslora": rooted}))
    weights, wanted = {}, {}
    for inner, rank, alpha in (("to_q", 2, 2), ("to_v", 8, 4)):
        module = MODULE.replace("to_q", inner)
        out, into = weight_of(checkpoint.unet, module).shape
        down, up = random(rank, into), random(out, rank)
        name = f"base_model.model.{module}"
        weights |= {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}
        wanted[f"{module}.weight"] = alpha / (rank**0.5 if rooted else rank) * up @ down
    before = {name: value.clone() for name, value in checkpoint.unet.state_dict().items()}
    load_loras(checkpoint, [(str(save(weights, tmp_path, "adapter_model")), 0.5)])
    for name, value in checkpoint.unet.state_dict().items():
        torch.testing.assert_close(value, before[name] + 0.5 * wanted.get(name, torch.zeros(())))


def test_names_of_the_first_code_are_understood(checkpoint: Checkpoint, tmp_path: Path) -> None:
    down, up = update_for(weight_of(checkpoint.unet, MODULE))
    name = "lora_unet_middle_block_1_transformer_blocks_0_attn2_to_q"
    weights = {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
    check_change(checkpoint, tmp_path, weights, {f"{MODULE}.weight": up @ down}, 1.0)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["lora_unet_x.oft_blocks"], "OFT"),
        (["lora_unet_x.a1.weight", "lora_unet_x.b1.weight"], "GLoRA"),
        (["lora_te2_text_model_x.lora_down.weight"], "Stable Diffusion XL"),
        (["lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight"], "Flux"),
        (["transformer.transformer_blocks.0.attn.to_q.lora_A.weight"], "Qwen-Image"),
        (["diffusion_model.blocks.0.self_attn.q.lora_A.weight"], "Wan"),
        (["conv_in.weight"], "no LoRA"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    names: list[str], words: str, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=words):
        load_loras(checkpoint, [(str(save({name: torch.zeros(2, 2) for name in names}, tmp_path)), 1.0)])


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


def test_products_that_do_not_fit_are_not_computed(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes of file can ask for more than any memory."""
    monkeypatch.setattr("stylize.diffusion.lora.load._change", None)
    out, into = weight_of(checkpoint.unet, MODULE).shape
    tall, wide = torch.ones(10**6, 1), torch.ones(1, 10**6)
    ones = torch.ones(1, 1)
    for weights in (
        {"hada_w1_a": tall, "hada_w1_b": wide, "hada_w2_a": tall, "hada_w2_b": wide},
        {
            "hada_w1_a": torch.ones(out, 1),
            "hada_w1_b": torch.ones(1, into),
            "hada_w2_a": tall,
            "hada_w2_b": wide,
        },
        {"lokr_w1": torch.ones(10**3, 10**3), "lokr_w2": torch.ones(10**3, 10**3)},
        {"lokr_w1": ones, "lokr_w2_a": tall, "lokr_w2_b": wide},
        {"lokr_w1_a": tall, "lokr_w1_b": wide, "lokr_w2": ones},
    ):
        file = save({f"{KOHYA}.{role}": value.clone() for role, value in weights.items()}, tmp_path)
        with pytest.raises(ModelError, match="does not fit a weight"):
            load_loras(checkpoint, [(str(file), 1.0)])
    core = {"lokr_w1": ones, "lokr_t2": torch.ones(1, 10**6, 1, 1), "lokr_w2_a": torch.ones(1, out)}
    core["lokr_w2_b"] = torch.ones(10**6, into)
    with pytest.raises(ModelError, match="its lokr_t2 has the shape"):
        load_loras(checkpoint, [(str(save({f"{KOHYA}.{k}": v for k, v in core.items()}, tmp_path)), 1.0)])


@pytest.mark.parametrize(
    "weights",
    [
        {"lora_down.weight": (0, 32), "lora_up.weight": (32, 0)},
        {"lora_down.weight": (32,), "lora_up.weight": (32, 2)},
        {"hada_w1_b": (2,), "hada_w1_a": (32, 2), "hada_w2_a": (32, 2), "hada_w2_b": (2, 32)},
        {"hada_w1_b": (2, 32), "hada_w1_a": (32, 2)},
        {"lokr_w1": (4, 4), "lokr_w2_a": (8, 2)},
        {"lokr_w1": (4, 4)},
        {"dora_scale": (7,)},
        {"alpha": (0,), "lora_down.weight": (2, 32), "lora_up.weight": (32, 2)},
    ],
)
def test_tensors_that_cannot_be_are_refused(
    weights: dict[str, tuple[int, ...]], checkpoint: Checkpoint, tmp_path: Path
) -> None:
    made = {f"{KOHYA}.{name}": torch.ones(shape) for name, shape in weights.items()}
    with pytest.raises(ModelError, match=r"cannot be read|incomplete"):
        load_loras(checkpoint, [(str(save(made, tmp_path)), 1.0)])


def test_broken_files_of_lora_diffusion(checkpoint: Checkpoint, tmp_path: Path) -> None:
    file = tmp_path / "lora.safetensors"
    save_file({"unet:0:up": torch.ones(2, 2)}, file, {"unet": "no list"})
    with pytest.raises(ModelError, match="metadata cannot be read"):
        load_loras(checkpoint, [(str(file), 1.0)])
    blocks = [
        name
        for name, each in checkpoint.unet.named_modules()
        if type(each).__name__ == "BasicTransformerBlock"
    ]
    count = len(blocks) * len(lora_diffusion.BLOCK)
    save_file({f"unet:{number}:up": torch.ones(2, 2) for number in range(count)}, file)
    with pytest.raises(ModelError, match="it has no unet:0:down"):
        load_loras(checkpoint, [(str(file), 1.0)])
