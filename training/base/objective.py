"""The loss of a training step: which noise the model sees, and how far its prediction is from the drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.base.batch import BaseBatch
from training.base.critic import Critic
from training.base.drawing_model import DrawingModel, autocast, noise_scheduler
from training.base.loss import drawing_loss, psnr, step_loss, twin_loss
from training.base.recipe import BaseRecipe

NOISIEST = 999
"""The last timestep, where runs from pure noise begin."""
FEW_STEP_TIMESTEPS = {749: 0.25, 499: 0.4, 249: 0.2}
"""Timesteps that runs of two and four steps visit after the first, and their shares of the samples that are not at
`NOISIEST`; the other samples are at any timestep."""
WITHOUT_CONTROL_MAX = 600
"""Samples without a ControlNet are at this timestep or below: above it hardly anything of the picture is left."""


@dataclass(frozen=True)
class Outcome:
    """What a step comes to.

    Attributes:
        loss: to be lowered.
        quality: PSNR of the predictions, dB.
        drawn, truth: what was predicted, without a gradient, and what should have been; (N, 3, H, W) in [-1, 1].
    """

    loss: Tensor
    quality: Tensor
    drawn: Tensor
    truth: Tensor


def training_loss(
    model: DrawingModel, batch: BaseBatch, recipe: BaseRecipe, number: int, critic: Critic | None = None
) -> Outcome:
    """The outcome of a step; timesteps and noise come from (seed, step) alone.

    Twins share timestep, caption and whether the ControlNet is on; their noise differs.
    """
    rng = np.random.default_rng((recipe.seed, number))
    done, device, count = number / recipe.steps, batch.drawn.device, recipe.batch // 2
    generator = torch.Generator(device).manual_seed(recipe.seed * 1_000_003 + number)
    control = np.tile(rng.random(count) >= recipe.control_drop, 2)
    timesteps = np.tile(_draw_timesteps(rng, control[:count], recipe.first_share_at(done)), 2)
    without_caption = np.tile(rng.random(count) < recipe.caption_drop, 2)
    captions = [
        "" if dropped else caption for dropped, caption in zip(without_caption, batch.captions, strict=True)
    ]
    later = (timesteps < NOISIEST) & control
    own = np.tile(rng.random(count) < recipe.own_share, 2) & later
    truth = batch.drawn
    clean = functional.pixel_unshuffle(truth, model.patch)
    at = torch.from_numpy(timesteps).to(device)
    with autocast(device):
        prompt = model.encode_prompts(captions)
        start = _with_own_predictions(model, clean, np.flatnonzero(own), generator, batch.condition, prompt)
        noisy = add_noise(start, at, generator)
        scale = torch.from_numpy(control).float().to(device)
        predicted = model(noisy, at, batch.condition, prompt, scale)
    picture = functional.pixel_shuffle(predicted.float(), model.patch)
    edges = recipe.edges_at(done)
    loss = drawing_loss(picture, truth, recipe.edge_weight * edges).mean()
    if recipe.step_weight:
        loss = loss + recipe.step_weight * edges * step_loss(picture, truth).mean()
    loss = loss + recipe.twin_weight * twin_loss(picture, batch.shift)
    if critic is not None:
        loss = loss + recipe.critic_weight * critic.loss(2 * batch.condition - 1, picture, truth, number)
    drawn = picture.detach()
    return Outcome(loss, psnr(drawn, truth), drawn, truth)


@torch.no_grad()
def draw_in_one_step(model: DrawingModel, batch: BaseBatch, seed: int = 0) -> Tensor:
    """What the model draws in one step from pure noise, (N, 3, H, W) in [-1, 1]."""
    shape = functional.pixel_unshuffle(batch.drawn, model.patch).shape
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(batch.drawn.device)
    timesteps = torch.full((shape[0],), NOISIEST, device=noise.device)
    with autocast(noise.device):
        prompt = model.encode_prompts(batch.captions)
        scale = torch.ones(shape[0], device=noise.device)
        predicted = model(noise, timesteps, batch.condition, prompt, scale)
    return functional.pixel_shuffle(predicted.float(), model.patch).clamp(-1, 1)


def add_noise(clean: Tensor, timesteps: Tensor, generator: torch.Generator) -> Tensor:
    """(N, C, h, w) latents with the noise of their timesteps."""
    noise = torch.randn(clean.shape, generator=generator, device=clean.device)
    noisy = noise_scheduler().add_noise(clean, noise, timesteps)
    return noisy.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _with_own_predictions(
    model: DrawingModel,
    clean: Tensor,
    own: NDArray[np.int64],
    generator: torch.Generator,
    condition: Tensor,
    prompt: Tensor,
) -> Tensor:
    """The clean latents, with the model's own first prediction in place of those numbered in `own`.

    In a run of few steps, the second step sees the first one's prediction, with its errors, under the noise. A
    model that was trained only on noise over the true drawing trusts what it sees and carries such errors to the
    end.
    """
    if not len(own):
        return clean
    which = torch.from_numpy(own).to(clean.device)
    last = torch.full((len(own),), NOISIEST, device=clean.device)
    noisy = add_noise(clean[which], last, generator)
    scale = torch.ones(len(own), device=clean.device)
    predicted = model(noisy, last, condition[which], prompt[which], scale)
    return clean.index_copy(0, which, predicted.to(clean.dtype))


def _draw_timesteps(
    rng: np.random.Generator, control: NDArray[np.bool_], noisiest_share: float
) -> NDArray[np.int64]:
    """Timesteps (N,): `NOISIEST` for a share of them, the others by `FEW_STEP_TIMESTEPS`.

    At `NOISIEST` only the ControlNet shows the picture, which is the hardest to learn.

    Args:
        control: for each sample, whether the ControlNet is on.
    """
    later = [(1 - noisiest_share) * share for share in FEW_STEP_TIMESTEPS.values()]
    anywhere = 1 - noisiest_share - sum(later)
    chosen = rng.choice(
        [NOISIEST, *FEW_STEP_TIMESTEPS, -1], len(control), p=[noisiest_share, *later, anywhere]
    )
    timesteps = np.where(chosen >= 0, chosen, rng.integers(0, 1000, len(control)))
    return np.where(control, timesteps, np.minimum(timesteps, WITHOUT_CONTROL_MAX))
