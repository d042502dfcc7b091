"""Loads an autoencoder in place of a checkpoint's own: a folder, a hub id, or a single file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.folder import weight_options
from stylize.diffusion.hub import hub_folder
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.errors import ModelError, UsageError
from stylize.system.documents import DocumentError, read_json

CLASSES = ("AutoencoderKL", "AutoencoderTiny", "AsymmetricAutoencoderKL")
TINY = "encoder.layers.0.weight"
"""A weight that only the files of TAESD have."""


def load_vae(checkpoint: Checkpoint, name: str, offline: bool = False) -> Any:
    """Loads an autoencoder that takes the place of the checkpoint's.

    A single file does not say what its latents are multiplied by: that is the checkpoint's own number, or 1 for a
    tiny autoencoder (TAESD).

    Raises:
        UsageError, ModelError: it is not there, can run code, or its latents are not the checkpoint's.
    """
    import torch

    path = Path(name).expanduser()
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=name)
    if path.suffix == ".safetensors" and not path.is_file():
        raise UsageError("There is no such autoencoder.", where=name)
    with explained(name), quiet():
        if path.is_file():
            vae = _from_file(checkpoint, path)
        else:
            folder = path if path.is_dir() else hub_folder(name, ("config.json", "*.safetensors"), offline)
            vae = _from_folder(folder, checkpoint.dtype)
    ours, theirs = checkpoint.vae.config.latent_channels, vae.config.latent_channels
    if ours != theirs:
        raise ModelError(
            f"This autoencoder is for another family: its latents have {theirs} channels, the checkpoint's {ours}.",
            where=name,
        )
    if checkpoint.dtype == torch.float16 and getattr(vae.config, "force_upcast", False):
        vae.float()
    return vae.requires_grad_(False).eval().to(device=checkpoint.device, memory_format=torch.channels_last)


def _from_file(checkpoint: Checkpoint, file: Path) -> Any:
    from stylize.diffusion.single_file import load
    from stylize.diffusion.single_file.header import read_header

    names = read_header(file).shapes
    if TINY in names:
        return load.load_tiny(file, checkpoint.dtype)
    prefix = load.VAE if any(name.startswith(load.VAE) for name in names) else ""
    scale = float(checkpoint.vae.config.scaling_factor)
    return load.load_vae(file, scale, checkpoint.family.vae_overflows, checkpoint.dtype, prefix)


def _from_folder(folder: Path, dtype: Any) -> Any:
    import diffusers

    inner = folder / "vae" if (folder / "vae" / "config.json").is_file() else folder
    try:
        kind = dict(read_json(inner / "config.json")).get("_class_name")
    except (DocumentError, ValueError, TypeError) as error:
        raise ModelError("This autoencoder has no readable configuration.", where=inner) from error
    if kind not in CLASSES:
        raise ModelError(f"This folder holds no autoencoder that is known here but a {kind}.", where=inner)
    return getattr(diffusers, kind).from_pretrained(
        inner, local_files_only=True, **weight_options(inner, dtype)
    )
