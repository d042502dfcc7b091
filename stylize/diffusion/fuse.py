"""Writes a checkpoint with a style's LoRAs added into its weights."""

from __future__ import annotations

import shutil
from pathlib import Path

from stylize.config.packs.pack import StylePack
from stylize.diffusion.checkpoint import load_checkpoint, locate
from stylize.diffusion.lora import load_loras
from stylize.errors import OutputError, UsageError
from stylize.footage.outfile import temporary_folder


def write_fused(pack: StylePack, out: Path) -> int:
    """Copies the style's checkpoint with its LoRAs fused into the weights, ControlNets and all, fp16.

    Args:
        out: a folder that does not exist yet.

    Returns:
        Bytes of the weights.

    Raises:
        UsageError, ModelError: the folder exists, or the checkpoint is no folder on this machine.
    """
    import torch

    if out.exists():
        raise UsageError("This folder exists.", where=out, hint="choose another with -o")
    place = Path(locate(pack.style.checkpoint))
    if not place.is_dir():
        raise UsageError(
            "Only a checkpoint in a folder can be copied.",
            where=place,
            hint="fetch the hub's into a folder first",
        )
    checkpoint = load_checkpoint(str(place), torch.device("cpu"), torch.float32, offline=True)
    loras = zip(pack.style.loras, pack.lora_files, strict=True)
    load_loras(checkpoint, [(file, lora.weight) for lora, file in loras], offline=True)
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(out.absolute().parent, ".fusing.") as draft:
            folder = draft / out.name
            shutil.copytree(place, folder)
            for name, network in checkpoint.networks.items():
                shutil.rmtree(folder / name)
                network.half().save_pretrained(folder / name)
            checkpoint.tokenizer.save_pretrained(folder / "tokenizer")
            if checkpoint.two_text_encoders:
                checkpoint.tokenizer_2.save_pretrained(folder / "tokenizer_2")
            folder.replace(out)
    except OSError as error:
        raise OutputError(
            f"The checkpoint cannot be written: {error.strerror or error}.", where=out
        ) from error
    return sum(file.stat().st_size for file in out.rglob("*.safetensors"))
