"""Lays LoRAs over a checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from stylize.diffusion.checkpoint import PICKLES, REFUSAL, Checkpoint, explained, quiet
from stylize.diffusion.lora import fit, lora_diffusion
from stylize.diffusion.lora.formats import recognise
from stylize.errors import ModelError, UsageError


def load_loras(checkpoint: Checkpoint, files: list[tuple[str, float]], offline: bool = False) -> None:
    """Lays LoRAs over a checkpoint, each with its weight; they are fused, so drawing costs nothing more.

    Raises:
        UsageError, ModelError: a file that is not there, can run code, is of a make not known here, or fits
            another architecture.
    """
    active = [(file, weight) for file, weight in files if weight != 0]
    if not active:
        return
    pipe = _pipeline(checkpoint)
    for number, (file, _) in enumerate(active):
        hint = "this LoRA may be for another architecture, or in a format not known here"
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
    """Whether this is a file or a folder here, as against a hub id.

    Raises:
        UsageError: it should be, and is not; or it can run code.
    """
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=path)
    if path.suffix == ".safetensors" and not path.is_file():
        raise UsageError("There is no such LoRA.", where=path)
    return path.exists()


def _read(path: Path, checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The weights by diffusers' names, checked against the checkpoint's own."""
    file = _file_in(path) if path.is_dir() else path
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(f"This file is no .safetensors file, or is damaged: {error}.", where=file) from error
    make = recognise(weights, file)
    if make == "lora_diffusion":
        words = lora_diffusion.learnt_words(weights)
        weights = lora_diffusion.convert(weights, metadata, checkpoint.unet, checkpoint.text_encoder, file)
        _teach_words(checkpoint, words, file)
    elif make == "peft":
        weights = _from_peft(weights, file)
    fit.check(_by_module(weights, checkpoint, file) if make == "kohya" else weights, checkpoint, file)
    return weights


def _by_module(weights: dict[str, Tensor], checkpoint: Checkpoint, file: Path) -> dict[str, Tensor]:
    """kohya's names run a module's path together with underscores; diffusers takes them apart again."""
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
    """peft's own file: the network's names behind a prefix, the scale in adapter_config.json beside it."""
    config: dict[str, Any] = {}
    beside = file.with_name("adapter_config.json")
    if beside.is_file():
        config = json.loads(beside.read_text(encoding="utf-8"))
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


def _teach_words(checkpoint: Checkpoint, words: dict[str, Tensor], file: Path) -> None:
    """Adds learnt words to the tokenizer and the text encoder; words that are known already keep their meaning."""
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
