"""Prompts for diffusers' pipelines: embedded once, and handed to every frame's call."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.families.pipelines import WITH_PICTURES
from stylize.diffusion.pipelines.ltx import ltx_words
from stylize.errors import UsageError

WEIGHT = re.compile(r"\([^()]*:\s*[\d.]+\s*\)|<lora:")
"""What web UIs write for CLIP, and no other text encoder can mean: `(word:1.3)`."""
WORDS = 512
"""The most tokens of a prompt, as in the pipelines."""


@torch.inference_mode()
def prompt_arguments(
    family: PipelineFamily, pipe: Any, config: ResolvedConfig, device: torch.device
) -> dict[str, Any]:
    """What a pipeline's call is given of the prompt, the negative prompt and the guidance.

    The text encoders are moved to the device; nothing else of the pipeline has to be there yet.

    Raises:
        UsageError: a prompt has weights of words.
    """
    check_prompts(family, config.prompt, config.negative_prompt)
    guided = config.guidance > 1
    if family.name in WITH_PICTURES:
        negative = {"negative_prompt": config.negative_prompt or " "} if guided else {}
        return {"prompt": config.prompt, "true_cfg_scale": config.guidance, **negative}
    for encoder in (pipe.text_encoder, getattr(pipe, "text_encoder_2", None)):
        if encoder is not None:
            encoder.to(device)
    if family.name in ("flux", "kontext"):
        words, pooled, _ = pipe.encode_prompt(config.prompt, None, device=device, max_sequence_length=WORDS)
        return {
            "prompt_embeds": words,
            "pooled_prompt_embeds": pooled,
            "guidance_scale": config.guidance,
        }
    if family.name == "flux2-klein":
        given = {
            "prompt_embeds": pipe.encode_prompt(config.prompt, device=device)[0],
            "guidance_scale": 1.0 if pipe.config.is_distilled else config.guidance,
        }
        if guided and not pipe.config.is_distilled:
            given["negative_prompt_embeds"] = pipe.encode_prompt("", device=device)[0]
        return given
    if family.name == "qwen-image":
        return _qwen(pipe, config, guided, device)
    if family.name == "ltx":
        return ltx_words(pipe, config, guided, device)
    if family.name in ("wan", "wan-vace"):
        negative = {"negative_prompt_embeds": _umt5(pipe, config.negative_prompt)} if guided else {}
        return {"prompt_embeds": _umt5(pipe, config.prompt), "guidance_scale": config.guidance, **negative}
    words, against = pipe.encode_prompt(config.prompt, device, guided, config.negative_prompt)
    scale = config.guidance if guided else 0.0  # here 0 is off
    return {"prompt_embeds": words, "negative_prompt_embeds": against, "guidance_scale": scale}


def check_prompts(family: PipelineFamily, *texts: str) -> None:
    """Raises UsageError where a text is written for CLIP's weights."""
    for text in texts:
        found = WEIGHT.search(text)
        if found is not None:
            raise UsageError(
                f"{family.title} reads whole sentences: it cannot mean the weight in {found.group()!r}.",
                hint="say in words what matters; LoRAs are named with --lora",
            )


def release_text_encoders(family: PipelineFamily, pipe: Any) -> None:
    """Lets the text encoders go once the prompts are embedded: up to a third of all weights."""
    if family.name not in WITH_PICTURES:
        for name in ("text_encoder", "text_encoder_2"):
            if getattr(pipe, name, None) is not None:
                pipe.register_modules(**{name: None})


def _umt5(pipe: Any, text: str) -> Tensor:
    """Embeddings (1, 512, D) of a prompt; what lies behind its last token is zero, as in the pipeline."""
    tokens = pipe.tokenizer(
        [" ".join(text.split())], padding="max_length", max_length=WORDS, truncation=True, return_tensors="pt"
    )
    device = pipe.text_encoder.device
    mask = tokens.attention_mask.to(device)
    words = pipe.text_encoder(tokens.input_ids.to(device), mask).last_hidden_state
    return torch.where(mask[..., None] > 0, words, torch.zeros_like(words))


def _qwen(pipe: Any, config: ResolvedConfig, guided: bool, device: torch.device) -> dict[str, Any]:
    given: dict[str, Any] = {"true_cfg_scale": config.guidance}
    texts = {"": config.prompt} | ({"negative_": config.negative_prompt or " "} if guided else {})
    for prefix, text in texts.items():
        words, mask = pipe.encode_prompt(text, device)
        full = torch.ones(words.shape[:2], dtype=torch.long, device=words.device)
        given |= {
            f"{prefix}prompt_embeds": words,
            f"{prefix}prompt_embeds_mask": full if mask is None else mask,
        }
    return given
