"""LoRAs of `lora_diffusion` (cloneofsimo/lora), the first for Stable Diffusion: weights by number, not by name.

Weights are numbered in the order of the modules in early versions of diffusers: the UNet's levels down, its
levels up, then the middle; in each transformer block the self-attention, the feed-forward's gate, the
cross-attention. Later versions have another order, so it is written down here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from stylize.diffusion.lora.check import HINT
from stylize.errors import ModelError

BLOCK = (
    "attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0",
    "ff.net.0.proj",
    "attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0",
)  # fmt: skip
"""Of the targets that the file's metadata name: CrossAttention, Attention and GEGLU."""
ATTENTION_ONLY = tuple(name for name in BLOCK if name.startswith("attn"))
TEXT = ("k_proj", "v_proj", "q_proj", "out_proj")
NUMBERED = re.compile(r"(unet|text_encoder):\d+:(up|down)")
TOKEN = re.compile(r"<[^<>\s]+>")


def is_one(names: Iterable[str]) -> bool:
    """Whether a file with tensors of these names is a LoRA of that program."""
    return any(NUMBERED.fullmatch(name) for name in names)


def convert(
    weights: dict[str, Tensor], metadata: dict[str, str], unet: Any, text_encoder: Any, where: Path
) -> dict[str, Tensor]:
    """The weights by diffusers' names; those of learned words are left out.

    Raises:
        ModelError: the number of weights is not that of this checkpoint's modules, a half of one is missing, or
            the metadata cannot be read.
    """
    try:
        targets = set(json.loads(metadata.get("unet", "[]")) or ("CrossAttention", "Attention", "GEGLU"))
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(
            "This LoRA's metadata cannot be read: the modules of its unet are no list.",
            where=where,
            hint=HINT,
        ) from error
    inner = BLOCK if "GEGLU" in targets else ATTENTION_ONLY
    places = {
        "unet": [f"{block}.{name}" for block in _transformer_blocks(unet) for name in inner],
        "text_encoder": [f"{layer}.{name}" for layer in _text_layers(text_encoder) for name in TEXT],
    }
    converted = {}
    for part, names in places.items():
        count = sum(name.startswith(f"{part}:") and name.endswith(":up") for name in weights)
        if count not in (0, len(names)):
            raise ModelError(
                f"This LoRA is for another architecture: it has {count} places in the {part}, "
                f"this checkpoint {len(names)}.",
                where=where,
            )
        halves = [f"{part}:{number}:{half}" for number in range(count) for half in ("down", "up")]
        missing = [half for half in halves if half not in weights]
        if missing:
            raise ModelError(f"This LoRA is incomplete: it has no {missing[0]}.", where=where, hint=HINT)
        for number in range(count):
            converted[f"{part}.{names[number]}.lora_A.weight"] = weights[f"{part}:{number}:down"]
            converted[f"{part}.{names[number]}.lora_B.weight"] = weights[f"{part}:{number}:up"]
    return converted


def learned_words(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Words that were trained along with the LoRA (textual inversion), each with its embedding (D,)."""
    return {name: value for name, value in weights.items() if TOKEN.fullmatch(name)}


def _transformer_blocks(unet: Any) -> Iterator[str]:
    names = [
        name for name, module in unet.named_modules() if type(module).__name__ == "BasicTransformerBlock"
    ]
    for part in ("down_blocks.", "up_blocks.", "mid_block."):
        yield from (name for name in names if name.startswith(part))


def _text_layers(text_encoder: Any) -> Iterator[str]:
    yield from (name for name, module in text_encoder.named_modules() if name.endswith(".self_attn"))
