"""Adds LoRAs into the weights of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.diffusion.lora import fit, lora_diffusion
from stylize.diffusion.lora.formats import recognise
from stylize.errors import ModelError, UsageError
from stylize.system.documents import DocumentError, read_json


def load_loras(checkpoint: Checkpoint, files: list[tuple[str, float]], offline: bool = False) -> None:
    """Adds LoRAs into the weights of a checkpoint, each with its own weight; drawing is as fast as without them.

    Raises:
        UsageError, ModelError: a file that does not exist, can run code, is in a format not supported here, or
            fits another architecture.
    """
    active = [(file, weight) for file, weight in files if weight != 0]
    if not active:
        return
    pipe = _pipeline(checkpoint)
    for number, (file, _) in enumerate(active):
        hint = "this LoRA may be for another architecture, or in a format not supported here"
        path = Path(file)
        weights = _read(path, checkpoint) if _is_local(path) else None
        with explained(file, hint), quiet():
            if weights is not None:
                pipe.load_lora_weights(weights, adapter_name=f"lora{number}")
            else:
                pipe.load_lora_weights(
                    file, adapter_name=f"lora{number}", local_files_only=offline, use_safetensors=True
                )
    names = [f"lora{number}" for number in range(len(active))]
    pipe.set_adapters(names, [weight for _, weight in active])
    pipe.fuse_lora(adapter_names=names)
    pipe.unload_lora_weights()


def _is_local(path: Path) -> bool:
    """Whether this is a file or folder on this machine; otherwise it is a hub id.

    Raises:
        UsageError: it is named like a file and does not exist, or it can run code.
    """
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=path)
    if path.suffix == ".safetensors" and not path.is_file():
        raise UsageError("There is no such LoRA.", where=path)
    return path.exists()


def _read(path: Path, checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The weights by diffusers' names; they are known to fit the checkpoint."""
    file = _file_in(path) if path.is_dir() else path
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(f"This file is no .safetensors file, or is damaged: {error}.", where=file) from error
    found = recognise(weights, file)
    if found == "lora_diffusion":
        words = lora_diffusion.learned_words(weights)
        weights = lora_diffusion.convert(weights, metadata, checkpoint.unet, checkpoint.text_encoder, file)
        _add_words(checkpoint, words, file)
    elif found == "peft":
        weights = _from_peft(weights, file)
    fit.check(_by_module(weights, checkpoint, file) if found == "kohya" else weights, checkpoint, file)
    return weights


def _by_module(weights: dict[str, Tensor], checkpoint: Checkpoint, file: Path) -> dict[str, Tensor]:
    """The weights by diffusers' names; kohya joins the parts of a module's path with underscores."""
    from diffusers import StableDiffusionPipeline

    with explained(str(file), "known: kohya's LoRAs for Stable Diffusion 1.x"), quiet():
        named, _ = StableDiffusionPipeline.lora_state_dict(dict(weights), unet_config=checkpoint.unet.config)
    return dict(named)


def _file_in(folder: Path) -> Path:
    for name in ("adapter_model.safetensors", "pytorch_lora_weights.safetensors"):
        if (folder / name).is_file():
            return folder / name
    raise ModelError(
        "There is no LoRA in this folder.", where=folder, hint="name the .safetensors file itself"
    )


def _from_peft(weights: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    """The scaled weights of peft's own file: names have a prefix, and the scale is in adapter_config.json."""
    config: dict[str, Any] = {}
    config_file = file.with_name("adapter_config.json")
    if config_file.is_file():
        try:
            config = dict(read_json(config_file))
        except (DocumentError, TypeError, ValueError) as error:
            raise ModelError("The LoRA's adapter_config.json cannot be read.", where=config_file) from error
    converted = {}
    for name, value in weights.items():
        inner = name.removeprefix("base_model.model.")
        part = "text_encoder" if inner.startswith("text_model.") or ".self_attn." in inner else "unet"
        inner = inner.removeprefix("unet.").removeprefix("text_encoder.")
        if ".lora_B." in inner:
            value = value * _scale(config, inner.split(".lora_B.")[0], value.shape[1])
        converted[f"{part}.{inner}"] = value
    return converted


def _scale(config: dict[str, Any], module: str, rank: int) -> float:
    alphas = config.get("alpha_pattern") or {}
    alpha = next(
        (value for name, value in alphas.items() if module.endswith(name)), config.get("lora_alpha", rank)
    )
    return float(alpha) / (rank**0.5 if config.get("use_rslora") else rank)


def _add_words(checkpoint: Checkpoint, words: dict[str, Tensor], file: Path) -> None:
    """Adds learned words to the tokenizer and the text encoder; words that are there already are not changed."""
    import torch

    table = checkpoint.text_encoder.get_input_embeddings().weight
    for word, embedding in words.items():
        if embedding.shape != table.shape[1:]:
            raise ModelError(
                f"This LoRA is for another architecture: its word {word} has {len(embedding)} values, the "
                f"checkpoint's have {table.shape[1]}.",
                where=file,
            )
    new = [word for word in words if checkpoint.tokenizer.add_tokens(word)]
    if new:
        checkpoint.text_encoder.resize_token_embeddings(len(checkpoint.tokenizer), mean_resizing=False)
    with torch.no_grad():
        table = checkpoint.text_encoder.get_input_embeddings().weight
        for word in new:
            table[checkpoint.tokenizer.convert_tokens_to_ids(word)] = words[word].to(table)


def _pipeline(checkpoint: Checkpoint) -> Any:
    from diffusers import StableDiffusionPipeline

    return StableDiffusionPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=checkpoint.tokenizer,
        unet=checkpoint.unet,
        scheduler=checkpoint.scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
