"""Families that diffusers' own pipelines draw with: the same frames as the stock pipeline, offline, one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from diffusers import ZImageControlNetModel
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus
from PIL import Image
from safetensors.torch import save_file

from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control, Lora
from stylize.diffusion.checkpoint import load_checkpoint
from stylize.diffusion.families import PIPELINES
from stylize.diffusion.noise import noise_seed
from stylize.diffusion.pipelines.generator import PipelineGenerator
from stylize.diffusion.pipelines.placing import PartBytes, choose_fit, place
from stylize.errors import ModelError, StylizeError
from stylize.footage.clip import Shot
from stylize.generators import pipeline_style
from stylize.generators.load import load_generator
from stylize.generators.model_facts import read_facts
from stylize.generators.resolve import resolve, resolve_config
from stylize.passes.style import drawing_settings
from tests.pipelines import flux_controlnet, qwen_controlnet, z_image_controlnet

SHOT = Shot(2, 12)
PLATE = np.random.default_rng(5).random((64, 80, 3), np.float32)
NEGATIVE = "worst"


@pytest.fixture(autouse=True)
def small_areas(no_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # these pipelines draw the frame at an area of a million pixels that is written into them
    monkeypatch.setattr(pipeline_qwenimage_edit_plus, "VAE_IMAGE_SIZE", 64 * 64)
    whole = pipeline_qwenimage_edit.calculate_dimensions
    monkeypatch.setattr(
        pipeline_qwenimage_edit, "calculate_dimensions", lambda area, ratio: whole(area // 256, ratio)
    )


def config_of(folder: Path, **changes: Any) -> ResolvedConfig:
    usual = {"model": str(folder), "steps": 2, "prompt": "anime", "device": "cpu", "precision": "fp32"}
    return resolve_config(read_settings(offline=True, **(usual | changes)))


def stock(kind: str, folder: Path, config: ResolvedConfig, index: int, **given: Any) -> Any:
    """The frame that diffusers' own pipeline draws, loaded and called as its documentation says."""
    pipe = getattr(diffusers, kind).from_pretrained(
        folder, local_files_only=True, **({"controlnet": given.pop("nets")} if "nets" in given else {})
    )
    pipe.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(noise_seed("fixed", config.seed, SHOT, index))
    size = {"height": PLATE.shape[0], "width": PLATE.shape[1]}
    call = {"prompt": "anime", "num_inference_steps": 2, "output_type": "np", "generator": generator}
    return pipe(**(call | size | given)).images[0]


def as_picture() -> Image.Image:
    return Image.fromarray(np.rint(PLATE * 255).astype(np.uint8))


CALLS: dict[str, Callable[[], dict[str, Any]]] = {
    "flux": lambda: {"image": PLATE[None], "strength": 0.6, "guidance_scale": 3.5},
    "kontext": lambda: {
        "image": PLATE[None], "guidance_scale": 2.5, "max_area": 64 * 80, "_auto_resize": False,
    },
    "flux2-klein": lambda: {"image": as_picture(), "guidance_scale": 3.0},
    "qwen-image": lambda: {
        "image": PLATE[None], "strength": 0.6, "true_cfg_scale": 4.0, "negative_prompt": NEGATIVE,
    },
    "qwen-edit": lambda: {"image": as_picture(), "true_cfg_scale": 4.0, "negative_prompt": NEGATIVE},
    "qwen-edit-plus": lambda: {"image": as_picture(), "true_cfg_scale": 4.0, "negative_prompt": NEGATIVE},
    "z-image": lambda: {
        "image": torch.from_numpy(PLATE.transpose(2, 0, 1))[None], "strength": 0.6, "guidance_scale": 4.0,
        "negative_prompt": NEGATIVE,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_frames_are_those_of_the_stock_pipeline(name: str, pipelines: Callable[[str], Path]) -> None:
    family, folder, call = PIPELINES[name], pipelines(name), CALLS[name]()
    asked = {"guidance": call["guidance_scale"] if "guidance_scale" in call else call["true_cfg_scale"]}
    if "negative_prompt" in call:
        asked["negative_prompt"] = NEGATIVE
    config = config_of(folder, **asked)
    drawn = load_generator(config).draw([PLATE], [4], SHOT)[0]
    assert drawn.std() > 0.01
    assert np.abs(drawn - stock(family.draws, folder, config, 4, **call)).max() <= 1e-5


def test_a_frame_depends_on_shot_or_number_alone(pipelines: Callable[[str], Path]) -> None:
    config = config_of(pipelines("z-image"))
    generator = load_generator(config)
    alone = generator.draw([PLATE], [7], SHOT)[0]
    together = generator.draw([PLATE[:, ::-1], PLATE], [6, 7], SHOT)
    assert np.array_equal(alone, together[1])
    assert np.array_equal(alone, generator.draw([PLATE], [3], SHOT)[0])  # one noise for the shot
    each = generator.with_config(config.model_copy(update={"noise": "per-frame"}))
    assert not np.array_equal(each.draw([PLATE], [7], SHOT)[0], each.draw([PLATE], [3], SHOT)[0])
    odd = PLATE[:50, :70]
    assert generator.draw([odd], [1], SHOT)[0].shape == odd.shape


@pytest.mark.filterwarnings("ignore:.*FluxPosEmbed:FutureWarning")
@pytest.mark.parametrize("count", [1, 2])
def test_flux_with_controlnets(count: int, pipelines: Callable[[str], Path], tmp_path: Path) -> None:
    folder, net = pipelines("flux"), flux_controlnet()
    net.save_pretrained(tmp_path)
    controls = (Control(condition="tile", model=str(tmp_path), weight=0.7, end=0.5),)
    if count == 2:
        controls += (Control(condition="canny", model=str(tmp_path), weight=0.4),)
    config = config_of(folder, controls=controls, steps=4)
    generator = load_generator(config)
    assert isinstance(generator, PipelineGenerator)
    pictures = [condition(PLATE).transpose(2, 0, 1) for condition in generator.conditions]
    given: dict[str, Any] = {
        "nets": net, "control_image": torch.from_numpy(np.stack(pictures[:1])),
        "controlnet_conditioning_scale": 0.7, "control_guidance_end": 0.5,
    }  # fmt: skip
    if count == 2:
        given |= {
            "nets": [net, net], "control_image": [torch.from_numpy(each.copy())[None] for each in pictures],
            "controlnet_conditioning_scale": [0.7, 0.4], "control_guidance_start": [0.0, 0.0],
            "control_guidance_end": [0.5, 1.0],
            "control_mode": [None, None],
        }  # fmt: skip
    drawn = generator.draw([PLATE], [4], SHOT)[0]
    theirs = stock(
        "FluxControlNetImg2ImgPipeline", folder, config, 4,
        **(CALLS["flux"]() | given | {"num_inference_steps": 4}),
    )  # fmt: skip
    assert np.abs(drawn - theirs).max() <= 1e-5
    plain = load_generator(config_of(folder, steps=4)).draw([PLATE], [4], SHOT)[0]
    assert np.abs(drawn - plain).max() > 1e-3


def test_qwen_image_with_a_controlnet(pipelines: Callable[[str], Path], tmp_path: Path) -> None:
    folder, net = pipelines("qwen-image"), qwen_controlnet()
    net.save_pretrained(tmp_path)
    config = config_of(folder, controls=(Control(condition="tile", model=str(tmp_path)),), guidance=1.0)
    drawn = load_generator(config).draw([PLATE], [4], SHOT)[0]
    theirs = stock(
        "QwenImageControlNetPipeline", folder, config, 4, nets=net, true_cfg_scale=1.0,
        control_image=torch.from_numpy(PLATE.transpose(2, 0, 1))[None],
    )  # fmt: skip
    assert np.abs(drawn - theirs).max() <= 1e-5


@pytest.mark.parametrize("form", ["folder", "file"])
@pytest.mark.parametrize("refiner", [None, "control_layers", "control_noise_refiner"])
def test_z_image_with_a_controlnet(
    refiner: str | None, form: str, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    folder, net = pipelines("z-image"), z_image_controlnet(refiner)
    net.save_pretrained(tmp_path)
    place = tmp_path if form == "folder" else tmp_path / "diffusion_pytorch_model.safetensors"
    control = Control(condition="canny", model=str(place), weight=0.7)
    generator = load_generator(config_of(folder, controls=(control,), guidance=1.0))
    assert isinstance(generator, PipelineGenerator)
    drawn = generator.draw([PLATE], [4], SHOT)[0]
    seen = torch.from_numpy(generator.conditions[0](PLATE).transpose(2, 0, 1).copy())[None]
    call = {"control_image": seen, "controlnet_conditioning_scale": 0.7, "guidance_scale": 0.0}
    theirs = stock(
        "ZImageControlNetPipeline", folder, generator.config, 4,
        nets=ZImageControlNetModel.from_pretrained(tmp_path, local_files_only=True), **call,
    )  # fmt: skip
    assert np.abs(drawn - theirs).max() <= 1e-5
    call["controlnet_conditioning_scale"] = 0.0
    without = stock("ZImageControlNetPipeline", folder, generator.config, 4, nets=net, **call)
    assert np.abs(drawn - without).max() > 1e-3


def test_z_image_takes_one_controlnet_of_its_own(pipelines: Callable[[str], Path], tmp_path: Path) -> None:
    folder, file = pipelines("z-image"), tmp_path / "net.safetensors"
    one = Control(condition="canny", model=str(file))
    for controls in ((one, one), (one.model_copy(update={"end": 0.5}),)):
        with pytest.raises(StylizeError, match="follows one ControlNet"):
            load_generator(config_of(folder, controls=controls))
    weights = {name: value.clone() for name, value in z_image_controlnet(None).state_dict().items()}
    for changes, told in (
        ({"control_layers.0.after_proj.weight": torch.ones(3, 3)}, "does not fit"),
        ({"control_all_x_embedder.2-1.weight": torch.ones(3)}, "no ControlNet for Z-Image"),
    ):
        save_file(weights | changes, file)
        with pytest.raises(StylizeError, match=told):
            load_generator(config_of(folder, controls=(one,)))


@pytest.mark.parametrize("naming", ["diffusers", "kohya"])
def test_a_lora_changes_the_transformer_by_its_own_rank_and_alpha(
    naming: str, pipelines: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = pipelines("flux")
    plain = load_generator(config_of(folder))
    assert isinstance(plain, PipelineGenerator)
    up, down = torch.randn(32, 3), torch.randn(3, 32)
    name = {
        "diffusers": ("transformer.transformer_blocks.0.attn.to_out.0", "lora_A", "lora_B"),
        "kohya": ("lora_unet_double_blocks_0_img_attn_proj", "lora_down", "lora_up"),
    }[naming]
    file = tmp_path / "hero.safetensors"
    weights = {f"{name[0]}.{name[1]}.weight": down, f"{name[0]}.{name[2]}.weight": up}
    save_file(weights | {f"{name[0]}.alpha": torch.tensor(1.5)}, file)
    changed = load_generator(config_of(folder, loras=(Lora(file=str(file), weight=0.8),)))
    assert isinstance(changed, PipelineGenerator)
    place = "transformer_blocks.0.attn.to_out.0"
    difference = (
        changed.pipe.transformer.get_submodule(place).weight
        - plain.pipe.transformer.get_submodule(place).weight
    )
    assert (difference - 0.8 * 1.5 / 3 * up @ down).abs().max() <= 1e-5


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("kontext", {"strength": 0.5}, "takes no --strength"),
    ("flux", {"negative_prompt": "worst"}, "takes no --negative-prompt"),
    ("flux", {"scheduler": "euler"}, "takes no --scheduler"),
    ("z-image", {"clip_skip": 1}, "takes no --clip-skip"),
    ("z-image", {"noise": "source"}, "takes no --noise source"),
    ("flux", {"batch": 4}, "takes no --batch"),
    ("kontext", {"controls": (Control(condition="tile", model="there"),)}, "without ControlNets"),
    ("flux", {"controls": (Control(condition="tile"),)}, "No ControlNet comes with"),
    ("z-image", {"prompt": "a (hero:1.3)"}, "cannot mean the weight"),
    ("flux", {"runtime": "edge"}, "Only torch draws with Flux.1"),
]


@pytest.mark.parametrize(("name", "asked", "sentence"), REFUSED)
def test_what_a_family_does_not_take_is_said(
    name: str, asked: dict[str, Any], sentence: str, pipelines: Callable[[str], Path]
) -> None:
    with pytest.raises(StylizeError, match=sentence):
        load_generator(config_of(pipelines(name), **asked))


def test_files_of_another_family_are_refused(pipelines: Callable[[str], Path], tmp_path: Path) -> None:
    qwen_controlnet().save_pretrained(tmp_path / "net")
    controls = (Control(condition="tile", model=str(tmp_path / "net")),)
    with pytest.raises(StylizeError, match="for another family"):
        load_generator(config_of(pipelines("flux"), controls=controls))
    file = tmp_path / "sdxl.safetensors"
    name = "lora_unet_down_blocks_1_attentions_0_proj_in"
    save_file(
        {f"{name}.lora_down.weight": torch.ones(2, 32), f"{name}.lora_up.weight": torch.ones(32, 2)}, file
    )
    with pytest.raises(StylizeError, match="another architecture"):
        load_generator(config_of(pipelines("flux"), loras=(Lora(file=str(file)),)))


def test_the_family_is_known_before_weights_load(pipelines: Callable[[str], Path]) -> None:
    found = resolve(read_settings(model=str(pipelines("flux2-klein")), offline=True, device="cpu"))
    assert (found.checkpoint.family, found.checkpoint.grid) == ("flux2-klein", 16)
    assert (found.config.steps, found.config.guidance, found.config.batch) == (4, 1.0, 1)
    assert found.config.prompt.startswith(
        "Redraw this picture"
    )  # the style's words for what takes instructions
    assert read_facts(str(pipelines("flux2-klein")), offline=True).family == "FLUX.2 klein"
    with pytest.raises(ModelError, match="done with Stable Diffusion"):
        load_checkpoint(str(pipelines("flux2-klein")), torch.device("cpu"), torch.float32, offline=True)


GIB = 1 << 30


@pytest.mark.parametrize(
    ("gib", "fit"), [(28, "whole"), (27, "offload"), (16, "fp8"), (15, "fp8-offload"), (14, None)]
)
def test_the_way_to_fit_a_gpu_is_chosen_by_memory(gib: int, fit: str | None) -> None:
    parts = PartBytes(texts=10 * GIB, network=24 * GIB, rest=1 * GIB)
    if fit is None:
        with pytest.raises(StylizeError, match="needs 15"):
            choose_fit(parts, 3 * GIB, gib * GIB, keeps_texts=False)
    else:
        assert choose_fit(parts, 3 * GIB, gib * GIB, keeps_texts=False) == fit


def test_little_memory_keeps_weights_in_eight_bits(pipelines: Callable[[str], Path]) -> None:
    folder = pipelines("flux")
    plain = load_generator(config_of(folder)).draw([PLATE], [4], SHOT)[0]
    config = config_of(folder).model_copy(update={"fit": "fp8"})
    narrow = load_generator(config)
    assert isinstance(narrow, PipelineGenerator)
    kept = {each.dtype for each in narrow.pipe.transformer.parameters()}
    assert torch.float8_e4m3fn in kept
    drawn = narrow.draw([PLATE], [4], SHOT)[0]
    assert 0 < np.abs(drawn - plain).mean() < 0.05
    settings = [
        drawing_settings(config_of(folder).model_copy(update={"fit": fit})) for fit in (None, "offload")
    ]
    assert settings[0] == settings[1] != drawing_settings(config)


def test_parts_take_turns_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written against CUDA: what the pipeline is told is looked at, on a machine without."""

    class Pipe:
        transformer = None
        told: list[object] = []  # noqa: RUF012

        def enable_model_cpu_offload(self, device: torch.device) -> None:
            self.told.append(device)

    place(Pipe(), "offload", torch.device("cuda:1"), torch.bfloat16)
    assert Pipe.told == [torch.device("cuda:1")]


def test_asked_memory_decides_how_a_checkpoint_fits(pipelines: Callable[[str], Path]) -> None:
    assert config_of(pipelines("flux"), vram=24.0).fit is None
    with pytest.raises(StylizeError, match="GiB of GPU memory"):
        config_of(pipelines("flux"), vram=0.2)
    for name, side in (("qwen-image", 2160), ("z-image", 2160), ("wan-vace", 480), ("flux2-klein", 2160)):
        few = config_of(pipelines(name), vram=24.0, size=side)
        assert (few.fit, few.vae_pieces) == (None, None)
    with pytest.raises(StylizeError, match="GiB of GPU memory"):
        config_of(pipelines("wan-vace"), vram=24.0, size=2160)  # 81 frames of 4K together


def test_a_large_frame_is_decoded_in_tiles(
    pipelines: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_style, "VALUES_AT_A_MEGAPIXEL", 1 << 20)  # as narrow as the transformer is
    whole, tiled = (config_of(pipelines("flux"), vram=gib, size=2160) for gib in (24.0, 0.5))
    assert (whole.fit, whole.vae_pieces) == (None, None)
    assert (tiled.fit, tiled.vae_pieces) == (None, "tiles")
    assert drawing_settings(tiled) != drawing_settings(whole)
