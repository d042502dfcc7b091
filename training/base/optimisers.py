"""The optimisers of the base training: which weights each one trains, and its learning rate."""

from __future__ import annotations

import math

import torch

from training.base.drawing_model import DrawingModel
from training.base.muon import Muon, convolutions
from training.base.recipe import BaseRecipe

Optimisers = tuple[torch.optim.Optimizer, ...]

OUTPUT_SHARE = 0.03
"""Share of the learning rate for the last convolution: all of its inputs lie far from zero (see identity_init.py),
so that a step of all its weights together changes the brightness of the whole picture."""

PROMPT_PARTS = ("text_encoder", "unet.add_embedding", "controlnet.add_embedding")
PROMPT_SHARE = 3.0
"""The same for the weights that read the prompt: each word is in a few samples of a batch only."""


def make_optimisers(model: DrawingModel, recipe: BaseRecipe) -> Optimisers:
    """Muon for the hidden convolutions, AdamW for all else, with weight decay for matrices only. Frozen weights
    are left out."""
    hidden = [weight for weight in convolutions(model) if weight.requires_grad]
    last = [weight for weight in model.unet.conv_out.parameters() if weight.requires_grad]
    prompt = [
        weight
        for name, weight in model.named_parameters()
        if name.startswith(PROMPT_PARTS) and weight.requires_grad
    ]
    grouped = {id(weight) for weight in [*hidden, *last, *prompt]}
    rest = [weight for weight in model.parameters() if id(weight) not in grouped and weight.requires_grad]
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


def set_rate(optimisers: Optimisers, recipe: BaseRecipe, step: int) -> None:
    """Sets the learning rate of a step: linear warm-up, then half a cosine down to one per cent."""
    if step < recipe.warmup:
        rate = recipe.rate * (step + 1) / recipe.warmup
    else:
        done = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
        rate = recipe.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
