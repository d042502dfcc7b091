"""The text encoders of a single file: CLIP as transformers names it, and OpenCLIP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

Shapes = Mapping[str, tuple[int, ...]]
HEAD = 64
"""Channels of an attention head, in all of these encoders."""
OPEN_CLIP = (
    ("encoder.layers.", "transformer.resblocks."),
    ("layer_norm1", "ln_1"),
    ("layer_norm2", "ln_2"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
    ("self_attn.", "attn."),
    ("final_layer_norm", "ln_final"),
    ("embeddings.token_embedding", "token_embedding"),
    ("embeddings.position_embedding.weight", "positional_embedding"),
    ("text_projection.weight", "text_projection"),
)


def is_open_clip(names: Mapping[str, object]) -> bool:
    return any(name.startswith("transformer.resblocks.") for name in names)


def text_config(shapes: Shapes, quick_gelu: bool, skip_last: bool) -> dict[str, Any]:
    """The configuration of a text encoder.

    Args:
        shapes: of its weights, without a prefix.
        skip_last: the last layer is left out, as Stable Diffusion 2.x does.
    """
    open_clip = is_open_clip(shapes)
    plain = {name.removeprefix("text_model."): shape for name, shape in shapes.items()}
    words = plain["token_embedding.weight" if open_clip else "embeddings.token_embedding.weight"]
    place = "transformer.resblocks." if open_clip else "encoder.layers."
    layers = 1 + max(int(name[len(place) :].split(".")[0]) for name in plain if name.startswith(place))
    inner = f"{place}0.mlp.{'c_fc' if open_clip else 'fc1'}.weight"
    positions = plain["positional_embedding" if open_clip else "embeddings.position_embedding.weight"]
    projection = plain.get("text_projection" if open_clip else "text_projection.weight", (0, words[1]))
    return {
        "vocab_size": words[0],
        "hidden_size": words[1],
        "intermediate_size": plain[inner][0],
        "num_hidden_layers": layers - 1 if skip_last else layers,
        "num_attention_heads": max(1, words[1] // HEAD),
        "max_position_embeddings": positions[0],
        "hidden_act": "quick_gelu" if quick_gelu else "gelu",
        "projection_dim": projection[1],
        "bos_token_id": words[0] - 2,
        "eos_token_id": words[0] - 1,
        "pad_token_id": words[0] - 1 if quick_gelu else 0,
    }


def text_weight(name: str, weights: Mapping[str, Tensor]) -> Tensor | None:
    """A weight of CLIPTextModel, from a file that names it as transformers or as OpenCLIP does.

    Args:
        name: as the module names it, with or without `text_model.`.
        weights: the encoder's, without a prefix.
    """
    inner = name.removeprefix("text_model.")
    if not is_open_clip(weights):
        found = weights.get(f"text_model.{inner}")
        return found if found is not None else weights.get(inner)
    for own, theirs in OPEN_CLIP:
        inner = inner.replace(own, theirs)
    for number, part in enumerate(("q_proj", "k_proj", "v_proj")):
        if f".{part}." in inner:
            whole = weights.get(inner.replace(f"{part}.", "in_proj_"))
            return None if whole is None else whole.chunk(3)[number]
    found = weights.get(inner)
    return found.T if found is not None and inner == "text_projection" else found
