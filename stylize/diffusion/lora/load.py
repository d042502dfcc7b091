"""Adds LoRAs into the weights of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.hub import hub_folder
from stylize.diffusion.loading import PICKLES, REFUSAL
from stylize.diffusion.lora import lora_diffusion, scales
from stylize.diffusion.lora.check import BIASES, check_change
from stylize.diffusion.lora.methods import METHODS, rank_of, with_magnitude
from stylize.diffusion.lora.places import Places, refuse_place
from stylize.diffusion.lora.roles import ModuleChange, read_roles
from stylize.errors import ModelError, UsageError

FILES = ("adapter_model.safetensors", "pytorch_lora_weights.safetensors")


def load_loras(checkpoint: Checkpoint, files: list[tuple[str, float]], offline: bool = False) -> None:
    """Adds LoRAs into the weights of a checkpoint, each with its own weight; drawing is as fast as without them.

    Raises:
        UsageError, ModelError: a file that does not exist, can run code, is of a method that is not applied here,
            or is for another architecture.
    """
    for name, weight in files:
        if weight != 0:
            add_lora(checkpoint, find_lora(name, offline), weight)


@torch.no_grad()
def add_lora(checkpoint: Checkpoint, file: Path, weight: float) -> None:
    """Adds `weight` times a file's changes, after all of them are known to fit."""
    weights, metadata = read_lora(file)
    if lora_diffusion.is_one(weights):
        words = lora_diffusion.learned_words(weights)
        weights = lora_diffusion.convert(weights, metadata, checkpoint.unet, checkpoint.text_encoder, file)
        _add_words(checkpoint, words, file)
    add_changes(checkpoint.networks, weights, metadata, file, weight)


@torch.no_grad()
def add_changes(
    networks: Mapping[str, nn.Module],
    weights: Mapping[str, Tensor],
    metadata: Mapping[str, str],
    file: Path,
    weight: float,
) -> None:
    """Adds `weight` times the changes of a file to networks, after all of them are known to fit.

    Args:
        networks: by their names in diffusers.
        weights, metadata: of the file, as `read_lora` gives them.

    Raises:
        ModelError: it is for another architecture, or of a method that is not applied here.
    """
    changes = read_roles(weights, file)
    found = _fit(changes, networks, file)
    rule = scales.read_rule(file, metadata)
    for name, (place, module) in found.items():
        _change(module, changes[name], rule.scale(place, changes[name].tensors, rank_of), weight, file)


def check_fits(weights: Mapping[str, Tensor], parts: Mapping[str, nn.Module], where: Path) -> None:
    """Checks the tensors of a file against the modules that they would change.

    Raises:
        ModelError: it is for a module that is not there, or that has another size.
    """
    _fit(read_roles(weights, where), parts, where)


def _fit(
    changes: Mapping[str, ModuleChange], parts: Mapping[str, nn.Module], where: Path
) -> dict[str, tuple[str, Any]]:
    places = Places(parts)
    found: dict[str, tuple[str, Any]] = {}
    for name, change in changes.items():
        place = places.find(name)
        if place is None or getattr(place[1], "weight", None) is None:
            raise refuse_place(changes, change, where)
        check_change(change, place[0], place[1], where)
        found[name] = place
    return found


def _change(module: Any, change: ModuleChange, scale: float, weight: float, where: Path) -> None:
    """Adds a change to a module; tensors and sum are rounded to the network's precision, as peft rounds."""
    own = module.weight
    tensors = {role: value.to(own.device, own.dtype).float() for role, value in change.tensors.items()}
    method = next((METHODS[role] for role in METHODS if role in tensors), None)
    try:
        if "magnitude" in tensors:
            whole = own.data.float()
            plain = method(tensors, scale, tuple(own.shape)) if method else torch.zeros_like(whole)
            own.data += (with_magnitude(whole, plain, tensors["magnitude"]) * weight).to(own.dtype)
        elif method is not None:
            own.data += method(tensors, scale * weight, tuple(own.shape)).to(own.dtype)
        bias = [tensors[role] * (scale if role == "up_bias" else 1.0) for role in BIASES if role in tensors]
        for each in bias:
            module.bias.data += (each * weight).reshape(module.bias.shape).to(module.bias.dtype)
    except (RuntimeError, KeyError) as error:
        raise ModelError(
            f"This LoRA is for another architecture: what it holds for {change.module} does not fit a weight of "
            f"{tuple(own.shape)}.",
            where=where,
        ) from error


def find_lora(name: str, offline: bool) -> Path:
    """The file of a LoRA: a path, a folder that holds one, or a hub id.

    Raises:
        UsageError, ModelError: it is not there, or can run code.
    """
    path = Path(name).expanduser()
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=path)
    if path.suffix == ".safetensors" and not path.is_file():
        raise UsageError("There is no such LoRA.", where=path, hint="give a .safetensors file, or a hub id")
    if path.is_file():
        return path
    folder = path if path.is_dir() else hub_folder(name, ("*.safetensors", "adapter_config.json"), offline)
    known = [folder / each for each in FILES if (folder / each).is_file()]
    files = known or sorted(folder.glob("*.safetensors"))
    if len(files) == 1 or known:
        return files[0]
    raise ModelError(
        "There is no LoRA in this folder." if not files else "There are several LoRAs in this folder.",
        where=folder,
        hint="name the .safetensors file itself",
    )


def read_lora(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(file, "pt") as opened:
            return {name: opened.get_tensor(name) for name in opened.keys()}, opened.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(f"This file is no .safetensors file, or is damaged: {error}.", where=file) from error


def _add_words(checkpoint: Checkpoint, words: dict[str, Tensor], file: Path) -> None:
    """Adds learned words to the tokenizer and the text encoder; words that are there already are not changed."""
    table = checkpoint.text_encoder.get_input_embeddings().weight
    for word, embedding in words.items():
        if embedding.shape != table.shape[1:]:
            raise ModelError(
                f"This LoRA is for another architecture: its word {word} has {embedding.numel()} values, the "
                f"checkpoint's have {table.shape[1]}.",
                where=file,
            )
    new = [word for word in words if checkpoint.tokenizer.add_tokens(word)]
    if new:
        checkpoint.text_encoder.resize_token_embeddings(len(checkpoint.tokenizer), mean_resizing=False)
    table = checkpoint.text_encoder.get_input_embeddings().weight
    for word in new:
        table[checkpoint.tokenizer.convert_tokens_to_ids(word)] = words[word].to(table)
