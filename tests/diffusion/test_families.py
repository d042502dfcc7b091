"""Checkpoints of every family: read offline, from folders and single files, and drawn with as stock draws."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control, Lora
from stylize.diffusion.checkpoint import load_checkpoint
from stylize.diffusion.generator import DiffusionGenerator
from stylize.errors import ModelError
from stylize.footage.clip import Pixels, Shot
from stylize.generators.inspect import inspect_checkpoint
from stylize.passes.style import drawing_settings
from tests.families import make_controlnet, make_parts, unet_in_ldm, write_folder, write_single_file

SHOT = Shot(0, 10)
FAMILIES = ("sd1", "sd2", "sdxl")


pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """For each family its parts, a folder of them, and a single file."""
    home = tmp_path_factory.mktemp("families")
    found: dict[str, Any] = {}
    for family in FAMILIES:
        parts = make_parts(family)
        found[family] = parts
        found[f"{family} folder"] = write_folder(parts, family, home / family)
        found[f"{family} file"] = write_single_file(parts, family, home / f"{family}.safetensors")
    for family in ("sd1", "sdxl"):
        net = make_controlnet(found[family]["unet"])
        found[f"{family} net"] = net
        net.save_pretrained(home / f"{family}-net")
        found[f"{family} net folder"] = home / f"{family}-net"
        save_file(
            {f"control_model.{name}": value.clone().contiguous() for name, value in unet_in_ldm(net).items()},
            home / f"{family}-net.safetensors",
        )
        found[f"{family} net file"] = home / f"{family}-net.safetensors"
    union = make_controlnet(found["sdxl"]["unet"], union=True)
    found["union"] = union
    save_file(
        {name: value.clone() for name, value in union.state_dict().items()}, home / "promax.safetensors"
    )
    found["union file"] = home / "promax.safetensors"
    return found


@pytest.fixture(scope="module")
def plates() -> list[Pixels]:
    rng = np.random.default_rng(3)
    return [np.repeat(np.repeat(rng.random((8, 12, 3), np.float32), 8, 0), 8, 1) for _ in range(2)]


def config_for(checkpoint: Path, base: ResolvedConfig, **changes: Any) -> ResolvedConfig:
    usual = {"checkpoint": str(checkpoint), "controls": (), "scheduler": None, "steps": 4, "strength": 0.6}
    return base.model_copy(update=usual | changes)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", ["folder", "file"])
def test_a_checkpoint_loads_without_a_network(family: str, form: str, made: dict[str, Any]) -> None:
    place = str(made[f"{family} {form}"])
    loaded = load_checkpoint(place, torch.device("cpu"), torch.float32, offline=True)
    for name in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if name not in made[family]:
            continue
        wanted, own = made[family][name], getattr(loaded, name)
        values = own.state_dict()
        assert set(values) == set(wanted.state_dict())
        for key, value in wanted.state_dict().items():
            assert torch.equal(values[key], value), key
        for key in (
            "hidden_act",
            "num_attention_heads",
            "attention_head_dim",
            "scaling_factor",
            "force_upcast",
        ):
            assert np.all(np.equal(getattr(own.config, key, None), getattr(wanted.config, key, None))), key
    for key in ("prediction_type", "steps_offset", "timestep_spacing", "beta_schedule"):
        assert loaded.scheduler.config[key] == made[family]["scheduler"].config[key]
    text = "1girl, (solo), it's 3 o'clock: naïve"
    assert loaded.tokenizer(text).input_ids == made[family]["tokenizer"](text).input_ids
    facts = inspect_checkpoint(place)
    assert (facts.family, facts.latent_scale, facts.grid) == (family, 8, loaded.grid)


def test_marks_in_the_file_say_what_is_predicted(made: dict[str, Any], tmp_path: Path) -> None:
    def scheduler(**options: Any) -> Any:
        file = write_single_file(made["sdxl"], "sdxl", tmp_path / "marked.safetensors", **options)
        return load_checkpoint(str(file), torch.device("cpu"), torch.float32, offline=True).scheduler.config

    assert scheduler()["prediction_type"] == "epsilon"
    marked = scheduler(marks=("v_pred", "ztsnr"))
    assert (marked["prediction_type"], marked["rescale_betas_zero_snr"]) == ("v_prediction", True)
    assert marked["timestep_spacing"] == "trailing"
    assert scheduler(metadata={"modelspec.prediction_type": "v"})["prediction_type"] == "v_prediction"
    (tmp_path / "marked.yaml").write_text('model:\n  params:\n    parameterization: "v"\n')
    assert scheduler()["prediction_type"] == "v_prediction"


@contextmanager
def stock_noise(pipe: Any, noise: torch.Tensor):
    """Stock pipelines draw their own noise, and sample the autoencoder's latents; here they are given ours, and the
    middle of the distribution."""
    module, encode = sys.modules[type(pipe).__module__], pipe.vae.encode
    own = module.randn_tensor
    module.randn_tensor = lambda *_, **__: noise

    def encoded(*arguments: Any, **options: Any) -> Any:
        output = encode(*arguments, **options)
        output.latent_dist.sample = lambda *_: output.latent_dist.mode()
        return output

    pipe.vae.encode = encoded
    try:
        yield
    finally:
        module.randn_tensor, pipe.vae.encode = own, encode


def compare(
    config: ResolvedConfig,
    plates: list[Pixels],
    pipeline: Callable[..., Any],
    options: dict[str, Any],
    prepare: Callable[[Any], None] = lambda pipe: None,
) -> list[Pixels]:
    """Ours and stock's pictures are the same to the last bit.

    Args:
        prepare: gives the stock pipeline what it loads by itself: an IP-Adapter.
    """
    generator = DiffusionGenerator.load(config)
    ours = generator.draw(plates, list(range(len(plates))), SHOT)
    prompt = generator.prompt
    if config.ip_adapter is not None:
        generator = DiffusionGenerator.load(config.model_copy(update={"ip_adapter": None}))
    checkpoint = generator.checkpoint
    names = ("vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "unet")
    parts = {name: getattr(checkpoint, name) for name in names if getattr(checkpoint, name) is not None}
    if config.scheduler is not None:
        from stylize.diffusion.schedulers import make_scheduler

        parts["scheduler"] = make_scheduler(checkpoint.scheduler, config.scheduler)
    else:
        parts["scheduler"] = type(checkpoint.scheduler).from_config(checkpoint.scheduler.config)
    if "text_encoder_2" not in parts:
        parts |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    if config.controls:
        nets = [checkpoint.controlnets[control.model] for control in config.controls]
        parts["controlnet"] = nets[0] if hasattr(nets[0].config, "num_control_type") else nets
    pipe = pipeline(**parts)
    pipe.set_progress_bar_config(disable=True)
    pixels = generator.to_model(plates)
    latents = checkpoint.vae.encode(pixels * 2 - 1).latent_dist.mode()
    noise = generator._noise(range(len(plates)), SHOT, latents)
    count = len(plates)
    embedded: dict[str, Any] = {"prompt_embeds": prompt.cond.expand(count, -1, -1)}
    if prompt.uncond is not None:
        embedded["negative_prompt_embeds"] = prompt.uncond.expand(count, -1, -1)
    if prompt.pooled_cond is not None:
        embedded["pooled_prompt_embeds"] = prompt.pooled_cond.expand(count, -1)
    if prompt.pooled_uncond is not None:
        embedded["negative_pooled_prompt_embeds"] = prompt.pooled_uncond.expand(count, -1)
    if "control_image" in options:
        many = options["control_image"]
        options["control_image"] = [pixels for _ in range(many)] if many > 1 else pixels
    prepare(pipe)
    with stock_noise(pipe, noise):
        stock = pipe(
            image=pixels, num_inference_steps=config.steps, strength=config.strength,
            guidance_scale=config.guidance, output_type="np", **embedded, **options,
        ).images  # fmt: skip
    for a, b in zip(ours, stock, strict=True):
        np.testing.assert_array_equal(a, b[: a.shape[0], : a.shape[1]])
    return ours


@pytest.mark.parametrize("guidance", [1.0, 5.0])
@pytest.mark.parametrize("scheduler", [None, "ddim", "dpm++"])
def test_sdxl_draws_what_stock_draws(
    guidance: float,
    scheduler: str | None,
    made: dict[str, Any],
    narrow_config: ResolvedConfig,
    plates: list[Pixels],
) -> None:
    config = config_for(made["sdxl file"], narrow_config, guidance=guidance, scheduler=scheduler)
    compare(config, plates, diffusers.StableDiffusionXLImg2ImgPipeline, {})


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
@pytest.mark.parametrize("form", ["folder", "file"])
def test_two_controlnets_as_stock(
    family: str, form: str, made: dict[str, Any], narrow_config: ResolvedConfig, plates: list[Pixels]
) -> None:
    place = str(made[f"{family} net {form}"])
    controls = (
        Control(condition="tile", model=place, weight=0.7, end=0.6),
        Control(condition="tile", model=place, weight=1.3, start=0.3),
    )
    config = config_for(
        made[f"{family} {form}"], narrow_config, guidance=4.0, controls=controls, steps=7, strength=1.0
    )
    pipeline = (
        diffusers.StableDiffusionXLControlNetImg2ImgPipeline
        if family == "sdxl"
        else diffusers.StableDiffusionControlNetImg2ImgPipeline
    )
    options = {
        "control_image": 2, "controlnet_conditioning_scale": [0.7, 1.3],
        "control_guidance_start": [0.0, 0.3], "control_guidance_end": [0.6, 1.0],
    }  # fmt: skip
    compare(config, plates, pipeline, options)


@pytest.mark.parametrize("several", [False, True])
def test_a_union_as_stock(
    several: bool, made: dict[str, Any], narrow_config: ResolvedConfig, plates: list[Pixels], monkeypatch: Any
) -> None:
    from stylize.diffusion import conditions

    monkeypatch.setitem(conditions.simple.WEIGHTLESS, "canny", lambda plate: plate)
    names = ("canny", "tile") if several else ("tile",)
    place, weights = str(made["union file"]), (0.8, 1.2)
    controls = tuple(
        Control(condition=name, model=place, weight=weight)
        for name, weight in zip(names, weights[: len(names)], strict=True)
    )
    config = config_for(made["sdxl file"], narrow_config, guidance=4.0, controls=controls)
    options = {
        "control_image": len(names),
        "control_mode": [{"canny": 3, "tile": 6}[name] for name in names],
        "controlnet_conditioning_scale": list(weights[: len(names)]),
    }  # fmt: skip
    if not several:
        options |= {"control_mode": 6, "controlnet_conditioning_scale": 0.8}
    compare(config, plates, diffusers.StableDiffusionXLControlNetUnionImg2ImgPipeline, options)


def test_a_union_of_six_has_no_tile(
    made: dict[str, Any], narrow_config: ResolvedConfig, tmp_path: Path
) -> None:
    net = make_controlnet(made["sdxl"]["unet"], union=True, kinds=6)
    net.save_pretrained(tmp_path / "union")
    controls = (Control(condition="tile", model=str(tmp_path / "union")),)
    with pytest.raises(ModelError, match="no condition 'tile'") as caught:
        DiffusionGenerator.load(config_for(made["sdxl file"], narrow_config, controls=controls))
    assert "ProMax" in str(caught.value.hint)


def test_guidance_as_an_input(narrow_config: ResolvedConfig, tmp_path: Path, plates: list[Pixels]) -> None:
    """Latent consistency models were distilled with the scale of guidance beside the timestep."""
    parts = make_parts("sd1", time_cond_proj_dim=256)
    file = write_single_file(parts, "sd1", tmp_path / "lcm.safetensors")
    config = config_for(file, narrow_config, guidance=4.0, scheduler="ddim")
    compare(config, plates, diffusers.StableDiffusionImg2ImgPipeline, {})


@pytest.mark.parametrize(
    ("steps", "strength", "kept"), [(100, 0.29, 28), (10, 0.3, 3), (4, 1.0, 4), (5, 0.1, 1)]
)
def test_as_many_steps_as_stock(steps: int, strength: float, kept: int, made: dict[str, Any]) -> None:
    from stylize.diffusion.schedulers import make_scheduler, timesteps_for

    scheduler = make_scheduler(made["sd1"]["scheduler"], "ddim")
    assert len(timesteps_for(scheduler, steps, strength, "cpu")) == kept
    assert scheduler.config["clip_sample"] is False


@pytest.mark.parametrize(("channels", "words"), [(9, "inpainting"), (8, "InstructPix2Pix")])
def test_networks_that_want_more_than_the_frame_are_refused(
    channels: int, words: str, tmp_path: Path
) -> None:
    parts = make_parts("sd1", in_channels=channels)
    folder = write_folder(parts, "sd1", tmp_path / "folder")
    file = write_single_file(parts, "sd1", tmp_path / "file.safetensors")
    for place in (folder, file):
        with pytest.raises(ModelError, match=words):
            inspect_checkpoint(str(place))


def test_variants_and_pickles_of_a_folder(made: dict[str, Any], tmp_path: Path) -> None:
    folder = write_folder(made["sd1"], "sd1", tmp_path / "fp16", variant="fp16")
    loaded = load_checkpoint(str(folder), torch.device("cpu"), torch.float32, offline=True)
    assert torch.equal(loaded.unet.conv_in.weight, made["sd1"]["unet"].conv_in.weight)
    (weights,) = (folder / "unet").glob("*.safetensors")
    weights.rename(weights.with_name("diffusion_pytorch_model.bin"))
    with pytest.raises(ModelError, match=r"as diffusion_pytorch_model\.bin only"):
        load_checkpoint(str(folder), torch.device("cpu"), torch.float32, offline=True)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["double_blocks.0.img_attn.qkv.weight"], "Flux"),
        (["lora_unet_x.lora_down.weight"], "is a LoRA"),
        (["control_model.input_blocks.0.0.weight"], "is a ControlNet"),
        (["down_blocks.0.resnets.0.conv1.weight"], "the UNet alone"),
        (["x"], "no checkpoint that is known"),
    ],
)
def test_other_files_are_told_by_name(names: list[str], words: str, tmp_path: Path) -> None:
    save_file({name: torch.zeros(2) for name in names}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match=words):
        inspect_checkpoint(str(tmp_path / "other.safetensors"))


OFFICIAL: dict[str, dict[str, Any]] = {
    "sd1": {"block_out_channels": (320, 640, 1280, 1280), "cross_attention_dim": 768, "attention_head_dim": 8},
    "sd2": {
        "block_out_channels": (320, 640, 1280, 1280), "cross_attention_dim": 1024,
        "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True,
    },
    "sdxl": {
        "block_out_channels": (320, 640, 1280), "cross_attention_dim": 2048, "attention_head_dim": (5, 10, 20),
        "use_linear_projection": True, "transformer_layers_per_block": (1, 2, 10),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
}  # fmt: skip
"""What the published checkpoints' configurations say beyond diffusers' defaults."""


@pytest.mark.parametrize("family", FAMILIES)
def test_full_shapes_give_the_published_configuration(family: str) -> None:
    from stylize.diffusion.families import FAMILIES as KNOWN
    from stylize.diffusion.single_file.unet_config import controlnet_config, unet_config

    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel(**OFFICIAL[family])
        net = diffusers.ControlNetModel.from_unet(unet)
    for network, read, kind in ((unet, unet_config, "unet"), (net, controlnet_config, "controlnet")):
        shapes = {name: tuple(value.shape) for name, value in unet_in_ldm(network).items()}
        config = read(shapes, KNOWN[family])
        with torch.device("meta"):
            again = type(network).from_config(config)
        assert {key: value.shape for key, value in again.state_dict().items()} == {
            key: value.shape for key, value in network.state_dict().items()
        }, kind
        heads = [getattr(module, "heads", None) for module in network.modules()]
        assert heads == [getattr(module, "heads", None) for module in again.modules()]
        for key in (
            "conditioning_embedding_out_channels",
            "addition_time_embed_dim",
            "use_linear_projection",
        ):
            assert np.array_equal(again.config.get(key), network.config.get(key)), key


def test_loras_of_sdxl_in_all_of_its_parts(made: dict[str, Any], tmp_path: Path) -> None:
    """kohya's names: those of the first code for the UNet, `te1` and `te2` for the text encoders."""
    from stylize.diffusion.lora import load_loras

    names = {
        "lora_unet_input_blocks_3_1_transformer_blocks_1_attn2_to_k":
            ("unet", "down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k"),
        "lora_unet_output_blocks_1_1_transformer_blocks_2_ff_net_0_proj":
            ("unet", "up_blocks.0.attentions.1.transformer_blocks.2.ff.net.0.proj"),
        "lora_unet_label_emb_0_0": ("unet", "add_embedding.linear_1"),
        "lora_te1_text_model_encoder_layers_1_self_attn_q_proj":
            ("text_encoder", "encoder.layers.1.self_attn.q_proj"),
        "lora_te2_text_model_encoder_layers_2_mlp_fc1":
            ("text_encoder_2", "text_model.encoder.layers.2.mlp.fc1"),
    }  # fmt: skip
    weights, wanted = {}, {}
    for number, (name, (part, module)) in enumerate(names.items(), start=1):
        shape = made["sdxl"][part].get_submodule(module).weight.shape
        down, up = torch.randn(number, shape[1]), torch.randn(shape[0], number)
        weights |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        weights[f"{name}.alpha"] = torch.tensor(2.0)
        wanted[part, f"{module}.weight"] = 0.5 * 2 / number * up @ down
    save_file(weights, tmp_path / "xl.safetensors")
    checkpoint = load_checkpoint(str(made["sdxl file"]), torch.device("cpu"), torch.float32, offline=True)
    load_loras(checkpoint, [(str(tmp_path / "xl.safetensors"), 0.5)])
    for part, network in checkpoint.networks.items():
        for name, value in network.state_dict().items():
            before = made["sdxl"][part].state_dict()[name]
            change = wanted.get((part, name), torch.zeros(()))
            torch.testing.assert_close(value, before + change, rtol=0, atol=1e-5)
    other = load_checkpoint(str(made["sd1 file"]), torch.device("cpu"), torch.float32, offline=True)
    with pytest.raises(ModelError, match="Stable Diffusion XL"):
        load_loras(other, [(str(tmp_path / "xl.safetensors"), 1.0)])


@pytest.mark.parametrize("family", FAMILIES)
def test_single_files_are_written_as_diffusers_reads_them(family: str, made: dict[str, Any]) -> None:
    """The names of the first code, held against the converters of diffusers, which read published files."""
    from diffusers.loaders import single_file_utils as stock
    from safetensors.torch import load_file

    parts, weights = made[family], load_file(made[f"{family} file"])
    unet = stock.convert_ldm_unet_checkpoint(dict(weights), config=dict(parts["unet"].config))
    vae = stock.convert_ldm_vae_checkpoint(dict(weights), config=dict(parts["vae"].config))
    for found, part in ((unet, "unet"), (vae, "vae")):
        wanted = parts[part].state_dict()
        assert set(found) == set(wanted)
        assert all(torch.equal(found[name], value) for name, value in wanted.items())
    if family == "sd1":
        return
    part, prefix = ("text_encoder", "cond_stage_model.model.")
    if family == "sdxl":
        part, prefix = ("text_encoder_2", "conditioner.embedders.1.model.")
    text = stock.convert_open_clip_checkpoint(parts[part], dict(weights), prefix=prefix)
    text = {name.removeprefix("text_model."): value for name, value in text.items()}
    for name, value in parts[part].state_dict().items():
        assert torch.equal(text[name.removeprefix("text_model.")], value), name


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_controlnets_are_written_as_diffusers_reads_them(family: str, made: dict[str, Any]) -> None:
    from diffusers.loaders import single_file_utils as stock
    from safetensors.torch import load_file

    net = made[f"{family} net"]
    found = stock.convert_controlnet_checkpoint(
        load_file(made[f"{family} net file"]), config=dict(net.config)
    )
    wanted = net.state_dict()
    names = [name for name in wanted if not name.startswith("add_embedding.")]
    assert all(torch.equal(found[name], wanted[name]) for name in names)


def test_another_file_under_the_same_name_draws_anew(narrow_config: ResolvedConfig, tmp_path: Path) -> None:
    lora, net = tmp_path / "hero.safetensors", tmp_path / "net.safetensors"
    config = narrow_config.model_copy(
        update={
            "loras": (Lora(file=str(lora)),),
            "controls": (Control(condition="tile", model=str(net)),),
        }
    )

    def written(first: float, second: float) -> dict[str, Any]:
        save_file({"lora_unet_x.lora_down.weight": torch.full((2,), first)}, lora)
        save_file({"controlnet_cond_embedding.conv_in.bias": torch.full((2,), second)}, net)
        return drawing_settings(config)

    first = written(1, 1)
    assert written(1, 1) == first
    assert written(2, 1) != first
    assert written(1, 2) != first
