"""Sizes, conditions, the patch autoencoder and checkpoint facts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from stylize.diffusion.checkpoint import load_checkpoint
from stylize.diffusion.conditions import make_condition
from stylize.diffusion.patch import PatchAutoencoder
from stylize.diffusion.pipelines.parts import load_part
from stylize.diffusion.sizes import crop, pad_to_grid, scale_down, working_size
from stylize.errors import MissingPart, ModelError, UsageError
from stylize.generators.inspect import inspect_checkpoint


@pytest.mark.parametrize(
    ("source", "short", "drawn"),
    [
        ((1280, 720), 384, (683, 384)),
        ((640, 272), 384, (640, 272)),  # never enlarged to be drawn
        ((506, 900), 384, (384, 683)),
        ((512, 512), 384, (384, 384)),
        ((3, 2000), 64, (1, 667)),
    ],
)
def test_working_size(source: tuple[int, int], short: int, drawn: tuple[int, int]) -> None:
    if source == (3, 2000):  # thinner than the short side already
        drawn = source
    assert working_size(*source, short) == drawn


@pytest.mark.parametrize("shape", [(64, 64), (65, 100), (1, 1), (272, 640)])
def test_padding_comes_off_again(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((*shape, 3), np.float32)
    padded = pad_to_grid(picture, 64)
    assert padded.shape[0] % 64 == padded.shape[1] % 64 == 0
    np.testing.assert_array_equal(crop(padded, (shape[1], shape[0])), picture)


def test_scaling_down_keeps_the_mean() -> None:
    picture = np.random.default_rng(0).random((72, 128, 3), np.float32)
    assert abs(scale_down(picture, (64, 36)).mean() - picture.mean()) < 1e-4


def test_patches_are_exact_both_ways() -> None:
    vae = PatchAutoencoder(patch=4)
    pixels = torch.rand(2, 3, 32, 48)
    latents = vae.encode(pixels).latent_dist.mode()
    assert latents.shape == (2, 48, 8, 12)
    assert torch.equal(vae.decode(latents).sample, pixels)


def test_patch_sizes_that_disagree_are_refused() -> None:
    with pytest.raises(ValueError, match="48"):
        PatchAutoencoder(patch=4, latent_channels=4)


def test_canny_finds_the_edge_and_nothing_else() -> None:
    plate = np.zeros((64, 64, 3), np.float32)
    plate[:, 32:] = 1
    edges = make_condition("canny", torch.device("cpu"))(plate)
    assert edges.shape == plate.shape
    assert edges[:, 30:34].max() == 1
    assert edges[:, :28].max() == edges[:, 36:].max() == 0


def test_tile_is_the_plate() -> None:
    plate = np.random.default_rng(0).random((8, 8, 3), np.float32)
    assert make_condition("tile", torch.device("cpu"))(plate) is plate


def test_an_annotator_without_weights_draws_lines() -> None:
    plate = np.ones((80, 120, 3), np.float32)
    plate[30:50, 40:80] = 0.1
    lines = make_condition("lineart_standard", torch.device("cpu"))(plate)
    assert lines.shape == plate.shape
    assert lines.max() > 0.2
    assert lines[:10].max() < 0.05


def test_missing_annotator_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="softedge") as caught:
        make_condition("softedge", torch.device("cpu"), offline=True, weights=tmp_path)
    assert caught.value.hint


def test_unknown_condition() -> None:
    with pytest.raises(UsageError, match="sepia"):
        make_condition("sepia", torch.device("cpu"))


def test_facts_of_a_checkpoint(narrow: Path) -> None:
    facts = inspect_checkpoint(str(narrow))
    assert (facts.latent_scale, facts.levels, facts.grid, facts.short_side) == (8, 4, 64, 128)
    assert facts.weights_bytes > 1e5
    assert facts.revision == inspect_checkpoint(str(narrow)).revision


def test_a_changed_configuration_is_another_revision(narrow: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(narrow, tmp_path / "copy")
    assert inspect_checkpoint(str(copy)).revision == inspect_checkpoint(str(narrow)).revision
    config = copy / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text().replace('"steps_offset": 1', '"steps_offset": 0'))
    assert inspect_checkpoint(str(copy)).revision != inspect_checkpoint(str(narrow)).revision


def test_a_network_is_not_loaded_as_a_scheduler(narrow: Path, tmp_path: Path) -> None:
    """A folder may be a stranger's: parts without weights are not asked to be .safetensors."""
    copy = shutil.copytree(narrow, tmp_path / "copy")
    index = json.loads((copy / "model_index.json").read_text())
    for part, named in (
        ("scheduler", ["diffusers", "UNet2DConditionModel"]),
        ("tokenizer", ["transformers", "CLIPTextModel"]),
        ("tokenizer", ["transformers", "AutoTokenizer"]),
        ("unet", ["diffusers", "StableDiffusionPipeline"]),
        ("unet", ["stylize.diffusion.patch", "torch"]),
        ("scheduler", ["diffusers", "no_such_class"]),
    ):
        (copy / "model_index.json").write_text(json.dumps({**index, part: named}))
        with pytest.raises(ModelError, match="is of a class that is not loaded for it"):
            load_checkpoint(str(copy), torch.device("cpu"), torch.float32, offline=True)


def test_a_list_of_weight_files_names_no_other_kind(narrow: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(narrow, tmp_path / "copy")
    listed = copy / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    listed.write_text(json.dumps({"metadata": {}, "weight_map": {"conv_in.weight": "a.bin"}}))
    with pytest.raises(ModelError, match=r"that are no \.safetensors files"):
        load_checkpoint(str(copy), torch.device("cpu"), torch.float32, offline=True)


@pytest.mark.parametrize("part", ["tokenizer/../../x", "/tokenizer", "scheduler.", "tokenizer\n"])
def test_a_part_is_no_path(part: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a part that cannot be one"):
        load_part(tmp_path, part, ("transformers", "CLIPTokenizer"), torch.float32)


@pytest.mark.parametrize("name", ["no/such/place", "./nowhere", "lost.safetensors", "nobody"])
def test_a_checkpoint_that_is_not_there(name: str) -> None:
    with pytest.raises(UsageError, match="no such checkpoint"):
        inspect_checkpoint(name)
