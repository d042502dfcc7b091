"""A prompt's text to tokens, and tokens to embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor


def tokenize(tokenizer: Any, texts: Sequence[str]) -> Tensor:
    """Token ids (N, L) int64, cut and padded to the tokenizer's own length."""
    tokens = tokenizer(
        list(texts),
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    return tokens.input_ids


def embed(text_encoder: Any, ids: Tensor, clip_skip: int = 0) -> Tensor:
    """Embeddings (N, L, D) of token ids: of the last layer, or of the one `clip_skip` layers before it."""
    output = text_encoder(ids.to(text_encoder.device), output_hidden_states=clip_skip > 0)
    if clip_skip == 0:
        return output[0]
    body = getattr(text_encoder, "text_model", text_encoder)
    return body.final_layer_norm(output.hidden_states[-(clip_skip + 1)])
