"""Loads a checkpoint: a hub id, a diffusers folder, or a single .safetensors file."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from stylize.diffusion.families import Family
from stylize.diffusion.families.recognise import BESIDE_A_FOLDER
from stylize.diffusion.folder import load_folder
from stylize.diffusion.hub import hub_checkpoint, is_hub_id
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.errors import ModelError, UsageError


@dataclass
class Checkpoint:
    """The parts of a model, ready to draw on `device` in `dtype`.

    `words` holds the words that were learned as embeddings, with the tokens that stand for them.
    """

    name: str
    family: Family
    device: Any
    dtype: Any
    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any
    text_encoder_2: Any = None
    tokenizer_2: Any = None
    controlnets: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    @property
    def networks(self) -> dict[str, Any]:
        """The networks that a LoRA may change, by their names in diffusers."""
        second = {} if self.text_encoder_2 is None else {"text_encoder_2": self.text_encoder_2}
        return {"unet": self.unet, "text_encoder": self.text_encoder, **second}

    @property
    def two_text_encoders(self) -> bool:
        return self.text_encoder_2 is not None

    @property
    def latent_scale(self) -> int:
        """The pixels that a latent spans, each way."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def grid(self) -> int:
        """The sides of a picture must divide by this, px."""
        return self.latent_scale * 2 ** (len(self.unet.config.block_out_channels) - 1)

    @property
    def channels(self) -> int:
        return int(self.unet.config.in_channels)


def bundled_models() -> Path:
    """The folder of the checkpoints that come with the program."""
    return Path(str(resources.files("stylize") / "models"))


def locate(name: str) -> str:
    """The path of a checkpoint on this machine; a name that is none is taken for a hub id and returned.

    Raises:
        UsageError: a path that does not exist, or a format that can run code.
    """
    if (bundled_models() / name / "model_index.json").is_file():
        return str(bundled_models() / name)
    path = Path(name).expanduser()
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=path)
    if path.suffix.lower() == ".gguf":
        raise UsageError(
            "This file is a packed transformer without the rest of the model.",
            where=path,
            hint=BESIDE_A_FOLDER,
        )
    if path.exists():
        if not (path.is_dir() or path.is_file()):
            raise UsageError(
                "This checkpoint is not a regular file.",
                where=path,
                hint="give a folder or a .safetensors file",
            )
        if path.is_dir() and not (path / "model_index.json").is_file():
            raise ModelError(
                "This folder is not a checkpoint: it has no model_index.json.",
                where=path,
                hint="a diffusers folder has model_index.json, unet/, vae/, text_encoder/, tokenizer/, scheduler/",
            )
        return str(path)
    if not is_hub_id(name) or path.suffix == ".safetensors":
        raise UsageError(
            "There is no such checkpoint.",
            where=name,
            hint="give a folder, a .safetensors file, or a hub id like owner/name",
        )
    return name


def load_checkpoint(name: str, device: Any, dtype: Any, offline: bool = False) -> Checkpoint:
    """Loads the parts of a checkpoint without ControlNets.

    Args:
        name: a bundled checkpoint's name, a folder, a .safetensors file, or a hub id.
        device: torch device that it draws on.
        dtype: torch dtype of the networks.
        offline: take hub ids from the local cache only.

    Raises:
        UsageError, ModelError: it is not there, or is of a family that is not drawn with here.
    """
    import torch

    from stylize.diffusion.single_file.load import load_parts

    place = locate(name)
    path = Path(place)
    with explained(place), quiet():
        if path.is_file():
            family, parts = load_parts(path, dtype)
        else:
            folder = path if path.is_dir() else hub_checkpoint(place, offline)
            family, parts = load_folder(folder, dtype)
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if part in parts:
            parts[part].requires_grad_(False).eval().to(device=device, memory_format=torch.channels_last)
    if dtype == torch.float16 and getattr(parts["vae"].config, "force_upcast", False):
        parts["vae"].float()  # this autoencoder leaves the range of fp16
    return Checkpoint(place, family, device, dtype, **parts)
