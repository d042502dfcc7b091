"""Writes the trained networks as an ordinary diffusers folder, float16 safetensors."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import DDIMScheduler

from stylize.diffusion.patch import PatchAutoencoder
from training.base.drawing_model import DrawingModel, noise_scheduler
from training.base.networks import Architecture
from training.base.state import STATE_FILE, read_averages


def export_controlnet(model: DrawingModel, condition: str, folder: Path) -> int:
    """Adds a ControlNet to a checkpoint: `folder`/controlnet/`condition`.

    Returns:
        Size of its weights in bytes.
    """
    place = folder / "controlnet" / condition
    model.controlnet.to("cpu", torch.float16).save_pretrained(place)
    return _weights_bytes(place)


def export_training(training: Path, folder: Path) -> tuple[int, int]:
    """Writes what a training has come to: the average of its weights, as a checkpoint, or, for line art, as a
    ControlNet of one.

    Returns:
        How many steps it has taken, and the size of all the weights in bytes.

    Raises:
        UsageError, ModelError: there is no training in the folder, or its state is damaged.
    """
    averages, shape = read_averages(training / STATE_FILE), Architecture()
    model = DrawingModel(shape)
    model.load_state_dict(averages.weights)
    if averages.condition == "tile":
        return averages.step, export(model, shape, folder)
    return averages.step, export_controlnet(model, averages.condition, folder)


def export(model: DrawingModel, shape: Architecture, folder: Path) -> int:
    """Writes `folder` in the layout of a Stable Diffusion checkpoint, its ControlNet beside it.

        model_index.json  scheduler/  tokenizer/  text_encoder/  unet/  vae/  controlnet/tile/

    Returns:
        Size of all the weights in bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vae = PatchAutoencoder(
        patch=shape.patch,
        latent_channels=shape.latent_channels,
        block_out_channels=(1,) * shape.patch.bit_length(),
    )
    parts = {
        "unet": model.unet,
        "vae": vae,
        "text_encoder": model.text_encoder,
    }
    for name, part in parts.items():
        part.to("cpu", torch.float16).save_pretrained(folder / name)
    export_controlnet(model, "tile", folder)
    model.tokenizer.save_pretrained(folder / "tokenizer")
    # Runs of few steps start from pure noise: timesteps are counted from the noisiest ('trailing').
    DDIMScheduler.from_config(
        noise_scheduler().config,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    ).save_pretrained(folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["stylize.diffusion.patch", "PatchAutoencoder"],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
        "requires_safety_checker": False,
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    return _weights_bytes(folder)


def _weights_bytes(folder: Path) -> int:
    """Size of the weights in a folder, which are made readable for everyone."""
    for path in folder.rglob("*.safetensors"):
        path.chmod(0o644)
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
