"""Words that were learned as embeddings (textual inversion), added to the text encoders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from stylize.diffusion.loading import PICKLES, REFUSAL
from stylize.errors import ModelError, UsageError

ENCODERS = {"clip_l": "text_encoder", "clip_g": "text_encoder_2", "emb_params": "text_encoder"}
"""The encoder that a tensor is for, by its name. Source: the files of AUTOMATIC1111's web UI and for SDXL."""


def load_word(checkpoint: Any, file: Path) -> str:
    """Adds the word of a file; the file's name is the word, whatever vectors it stands for.

    Args:
        checkpoint: a `stylize.diffusion.checkpoint.Checkpoint`, changed in place.

    Returns:
        The word.

    Raises:
        UsageError, ModelError: the file is not there, can run code, or is for another family.
    """
    if file.suffix.lower() in PICKLES:
        raise UsageError(f"A {file.suffix} file is not loaded: {REFUSAL}.", where=file)
    if not file.is_file():
        raise UsageError("There is no such embedding.", where=file)
    try:
        with safe_open(file, "pt") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(f"This file is no .safetensors file, or is damaged: {error}.", where=file) from error
    vectors = {ENCODERS.get(name, "text_encoder"): value for name, value in tensors.items()}
    if len(vectors) != len(tensors):
        raise ModelError("This file holds no embedding that is known here.", where=file)
    add_word(checkpoint, file.stem, vectors, file)
    return file.stem


@torch.no_grad()
def add_word(checkpoint: Any, word: str, vectors: Mapping[str, Tensor], where: Path) -> None:
    """Adds a word as one or more tokens of their own.

    Args:
        vectors: for each text encoder by its name, (D,) or (n, D).

    Raises:
        ModelError: another family's, by the encoders or by their width.
    """
    encoders = {name: part for name, part in checkpoint.networks.items() if name.startswith("text_encoder")}
    rows = {name: value.reshape(-1, value.shape[-1]) for name, value in vectors.items()}
    if set(rows) != set(encoders):
        raise ModelError(
            f"The word {word!r} is for another family: it was learned for {len(rows)} text encoders, this "
            f"checkpoint has {len(encoders)}.",
            where=where,
        )
    for name, value in rows.items():
        width = encoders[name].get_input_embeddings().weight.shape[1]
        if value.shape[1] != width:
            raise ModelError(
                f"This is for another architecture: the word {word!r} has {value.shape[1]} values, the "
                f"checkpoint's have {width}.",
                where=where,
            )
    names = [f"<{word}#{number}>" for number in range(len(next(iter(rows.values()))))]
    for name, value in rows.items():
        tokenizer = getattr(checkpoint, name.replace("text_encoder", "tokenizer"))
        new = [number for number, each in enumerate(names) if tokenizer.add_tokens(each)]
        if len(encoders[name].get_input_embeddings().weight) < len(tokenizer):
            encoders[name].resize_token_embeddings(len(tokenizer), mean_resizing=False)
        table = encoders[name].get_input_embeddings().weight
        for number in new:
            table[tokenizer.convert_tokens_to_ids(names[number])] = value[number].to(table)
    checkpoint.words[word] = "".join(names)


def spell_words(words: Mapping[str, str], text: str) -> str:
    """A prompt with its learned words as the tokens that were added for them; capital letters do not matter."""
    for word, names in words.items():
        text = re.sub(
            rf"(?<!\w){re.escape(word)}(?!\w)", names.replace("\\", r"\\"), text, flags=re.IGNORECASE
        )
    return text


def check_used(words: Mapping[str, str], *prompts: str) -> None:
    """Raises UsageError where a learned word is in none of the prompts: it would change nothing."""
    for word in words:
        if all(spell_words({word: "\0"}, prompt) == prompt for prompt in prompts):
            raise UsageError(
                f"The embedding {word!r} is in neither prompt, so it would change nothing.",
                where="--embedding",
                hint=f"write {word} where it is meant: in --prompt or --negative-prompt",
            )
