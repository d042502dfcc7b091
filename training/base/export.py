"""Writes the trained parts as an ordinary diffusers folder, fp16 safetensors."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import DDIMScheduler

from stylize.diffusion.patch import PatchAutoencoder
from training.base.artist import Artist, schedule
from training.base.model import Architecture


def export_controlnet(artist: Artist, condition: str, folder: Path) -> int:
    """Adds a ControlNet to a checkpoint: `folder`/controlnet/`condition`.

    Returns:
        Bytes of its weights.
    """
    place = folder / "controlnet" / condition
    artist.controlnet.to("cpu", torch.float16).save_pretrained(place)
    return _weigh(place)


def export(artist: Artist, shape: Architecture, folder: Path) -> int:
    """Writes `folder` in the layout of a Stable Diffusion checkpoint, its ControlNet beside it.

        model_index.json  scheduler/  tokenizer/  text_encoder/  unet/  vae/  controlnet/tile/

    Returns:
        Bytes of all the weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vae = PatchAutoencoder(
        patch=shape.patch,
        latent_channels=shape.latent_channels,
        block_out_channels=(1,) * shape.patch.bit_length(),
    )
    parts = {
        "unet": artist.unet,
        "vae": vae,
        "text_encoder": artist.text_encoder,
    }
    for name, part in parts.items():
        part.to("cpu", torch.float16).save_pretrained(folder / name)
    export_controlnet(artist, "tile", folder)
    artist.tokenizer.save_pretrained(folder / "tokenizer")
    # A few-step model starts from pure noise, so its timesteps are spaced from the noisiest ('trailing').
    DDIMScheduler.from_config(
        schedule().config,
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
    return _weigh(folder)


def _weigh(folder: Path) -> int:
    for path in folder.rglob("*.safetensors"):
        path.chmod(0o644)
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
