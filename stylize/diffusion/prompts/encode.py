"""A prompt's text to tokens, and tokens to embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.conditioning import PromptEmbeddings
from stylize.diffusion.prompts.chunks import PromptPart, cut, framed
from stylize.diffusion.prompts.weights import read_weights
from stylize.diffusion.prompts.words import spell_words


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


@torch.inference_mode()
def read_prompt(checkpoint: Checkpoint, config: ResolvedConfig) -> PromptEmbeddings[Tensor]:
    """Embeds the config's prompt, and its negative prompt if guidance is on.

    A checkpoint that takes the scale of guidance as an input draws without a negative prompt.

    Raises:
        UsageError: a prompt cannot be meant as it is written.
    """
    distilled = getattr(checkpoint.unet.config, "time_cond_proj_dim", None) is not None
    guided = config.guidance > 1 and not distilled
    texts = [config.prompt, config.negative_prompt] if guided else [config.prompt]
    embedded = [embed_text(checkpoint, text, config.clip_skip) for text in texts]
    cond, pooled_cond = embedded[0]
    if not guided:
        return PromptEmbeddings(cond, None, config.guidance, pooled_cond)
    uncond, pooled_uncond = embedded[1]
    length = max(cond.shape[1], uncond.shape[1])
    cond, uncond = (_lengthened(checkpoint, each, length, config.clip_skip) for each in (cond, uncond))
    return PromptEmbeddings(cond, uncond, config.guidance, pooled_cond, pooled_uncond)


def embed_text(checkpoint: Checkpoint, text: str, clip_skip: int) -> tuple[Tensor, Tensor | None]:
    """A prompt's embeddings (1, L, D), and its pooled one (1, P) in families with two text encoders.

    Each part of 75 tokens is encoded by itself, and they are joined. Weights multiply the embeddings of their
    tokens, and the mean of a part is put back to what it was.

    Source: AUTOMATIC1111's web UI ("Original" emphasis).
    """
    fragments = read_weights(spell_words(checkpoint.words, text))
    pairs = [(checkpoint.text_encoder, checkpoint.tokenizer)]
    if checkpoint.two_text_encoders:
        pairs.append((checkpoint.text_encoder_2, checkpoint.tokenizer_2))
    hidden, pooled = [], None
    for encoder, tokenizer in pairs:
        words, summary = _encode(encoder, tokenizer, cut(tokenizer, fragments), clip_skip, len(pairs) == 2)
        hidden.append(words)
        pooled = summary
    return torch.cat(hidden, dim=-1), pooled


def _encode(
    encoder: Any, tokenizer: Any, chunks: Sequence[PromptPart], clip_skip: int, last_but_one: bool
) -> tuple[Tensor, Tensor | None]:
    """Embeddings of one encoder, and the pooled one of the first part; Stable Diffusion XL reads the layer before
    the last, and no final norm."""
    rows = [framed(tokenizer, chunk) for chunk in chunks]
    ids = torch.tensor([row[0] for row in rows])
    pooled = None
    if last_but_one:
        output = encoder(ids.to(encoder.device), output_hidden_states=True)
        words, pooled = output.hidden_states[-(clip_skip + 2)], output[0][:1]
    else:
        words = embed(encoder, ids, clip_skip)
    weights = torch.tensor([row[1] for row in rows], dtype=words.dtype, device=words.device)
    weighted = [_weighted(each, weight) for each, weight in zip(words, weights, strict=True)]
    return torch.cat(weighted)[None], pooled


def _weighted(words: Tensor, weights: Tensor) -> Tensor:
    if bool((weights == 1).all()):
        return words
    heavier = words * weights[:, None]
    return heavier * (words.mean() / heavier.mean())


def _lengthened(checkpoint: Checkpoint, words: Tensor, length: int, clip_skip: int) -> Tensor:
    """Embeddings made as long as others with parts that say nothing."""
    if words.shape[1] == length:
        return words
    empty, _ = embed_text(checkpoint, "", clip_skip)
    return torch.cat([words, empty.repeat(1, (length - words.shape[1]) // empty.shape[1], 1)], dim=1)
