"""Which weights are moved how, and how fast."""

from __future__ import annotations

import math

import torch

from training.base.artist import Artist
from training.base.muon import Muon, convolutions
from training.base.recipe import Recipe

Optimisers = tuple[torch.optim.Optimizer, ...]

OUTPUT_SHARE = 0.03
"""Share of the rate for the last convolution: all of its inputs lie far from zero (see passage.py), so that one
step of all its weights together moves the brightness of the whole picture."""

PROMPT_PARTS = ("text_encoder", "unet.add_embedding", "controlnet.add_embedding")
PROMPT_SHARE = 3.0
"""The same for what reads the prompt: few words, far from the picture, heard in a few samples of each batch."""


def make_optimisers(artist: Artist, recipe: Recipe) -> Optimisers:
    """Muon for the hidden convolutions; AdamW for all else, its decay for matrices only. What is frozen stays."""
    hidden = [weight for weight in convolutions(artist) if weight.requires_grad]
    last = [weight for weight in artist.unet.conv_out.parameters() if weight.requires_grad]
    prompt = [
        weight
        for name, weight in artist.named_parameters()
        if name.startswith(PROMPT_PARTS) and weight.requires_grad
    ]
    taken = {id(weight) for weight in [*hidden, *last, *prompt]}
    rest = [weight for weight in artist.parameters() if id(weight) not in taken and weight.requires_grad]
    groups = [
        {"params": [weight for weight in rest if weight.ndim > 1], "weight_decay": 0.01},
        {"params": [weight for weight in rest if weight.ndim <= 1], "weight_decay": 0.0},
        {"params": last, "weight_decay": 0.0, "share": OUTPUT_SHARE},
        {"params": prompt, "weight_decay": 0.0, "share": PROMPT_SHARE},
    ]
    return (
        Muon(hidden, lr=recipe.rate, weight_decay=0.01),
        torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.99), fused=True),
    )


def set_rate(optimisers: Optimisers, recipe: Recipe, step: int) -> None:
    """Linear warm-up, then half a cosine down to one per cent."""
    if step < recipe.warmup:
        rate = recipe.rate * (step + 1) / recipe.warmup
    else:
        along = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
        rate = recipe.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * along)))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
