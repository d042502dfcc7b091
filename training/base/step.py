"""One step of training: what is seen, at which noise, and how far the guess is off."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from stylize.diffusion.conditions.base import make_condition
from training.base.artist import Artist, schedule
from training.base.data import Sources, cut_batch
from training.base.loss import drawing_loss, psnr, twin_loss
from training.base.recipe import Recipe

LAST = 999
"""The noisiest timestep: runs from pure noise begin there."""
FEW_STEPS = {749: 0.25, 499: 0.4, 249: 0.2}
"""Timesteps that runs of two and four steps visit after the first, and their shares of what is not trained at
`LAST`; the rest falls anywhere."""

SEEN = {"tile": "tile", "lineart": "lineart_standard"}
"""What reads a recipe's condition off a photograph."""


@dataclass(frozen=True)
class Lesson:
    """A batch as the networks take it.

    `condition` and `drawn` are (N, 3, H, W): the condition in [0, 1], the drawing in [-1, 1]. The second half are
    the twins of the first, moved by `jump` (down, right) px.
    """

    condition: Tensor
    drawn: Tensor
    captions: list[str]
    jump: tuple[int, int]


def draw_lesson(
    sources: Sources, recipe: Recipe, number: int, pool: Executor | None, ready: float | None = None
) -> Lesson:
    """The batch of a step, drawn from (seed, step) alone; `ready` is the share of the pairs that it draws from,
    by default the recipe's."""
    ready = recipe.ready_share(number) if ready is None else ready
    cut = cut_batch(
        sources, recipe.batch, recipe.size, recipe.real_share, ready, recipe.seed * 1_000_003 + number
    )
    condition = cut.photo if recipe.condition == "tile" else _seen(cut.photo, recipe.condition, pool)
    return Lesson(condition.contiguous(), (2 * cut.drawn - 1).contiguous(), cut.captions, cut.jump)


def _seen(photo: Tensor, condition: str, pool: Executor | None) -> Tensor:
    """What a condition's own reader makes of photographs, (N, 3, H, W) in [0, 1]."""
    read = make_condition(SEEN[condition], "cpu")
    pictures = list(photo.permute(0, 2, 3, 1).cpu().numpy())
    seen = list(pool.map(read, pictures) if pool else map(read, pictures))
    return torch.from_numpy(np.stack(seen)).to(photo.device).permute(0, 3, 1, 2)


def step_loss(artist: Artist, lesson: Lesson, recipe: Recipe, number: int) -> tuple[Tensor, Tensor]:
    """The loss of a step and the PSNR of its guesses in dB; timesteps and noise come from (seed, step) alone."""
    rng = np.random.default_rng((recipe.seed, number))
    along, device, count = number / recipe.steps, lesson.drawn.device, recipe.batch // 2
    source = torch.Generator(device).manual_seed(recipe.seed * 1_000_003 + number)
    control = np.tile(rng.random(count) >= recipe.control_drop, 2)
    times = np.tile(_draw_times(rng, control[:count], recipe.first_share_at(along)), 2)
    unsaid = np.tile(rng.random(count) < recipe.caption_drop, 2)
    captions = ["" if drop else caption for drop, caption in zip(unsaid, lesson.captions, strict=True)]
    own = np.tile(rng.random(count) < recipe.own_share, 2) & (times < LAST) & control

    clean = functional.pixel_unshuffle(lesson.drawn, artist.patch)
    at = torch.from_numpy(times).to(device)
    with seen_by_networks(device):
        prompt = artist.encode_prompts(captions)
        start = _with_own_guesses(artist, clean, np.flatnonzero(own), source, lesson.condition, prompt)
        noisy = add_noise(start, at, source)
        guess = artist(noisy, at, lesson.condition, prompt, torch.from_numpy(control).float().to(device))
    picture = functional.pixel_shuffle(guess.float(), artist.patch)
    loss = drawing_loss(picture, lesson.drawn, recipe.edge_weight * along).mean()
    loss = loss + recipe.twin_weight * twin_loss(picture, lesson.jump)
    return loss, psnr(picture.detach(), lesson.drawn)


@torch.no_grad()
def first_guess(artist: Artist, lesson: Lesson, seed: int = 0) -> Tensor:
    """What the artist draws in one step from pure noise, (N, 3, H, W) in [-1, 1]."""
    shape = functional.pixel_unshuffle(lesson.drawn, artist.patch).shape
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(lesson.drawn.device)
    last = torch.full((shape[0],), LAST, device=noise.device)
    with seen_by_networks(noise.device):
        prompt = artist.encode_prompts(lesson.captions)
        guess = artist(noise, last, lesson.condition, prompt, torch.ones(shape[0], device=noise.device))
    return functional.pixel_shuffle(guess.float(), artist.patch).clamp(-1, 1)


@contextmanager
def seen_by_networks(device: torch.device) -> Iterator[None]:
    """bfloat16 arithmetic; on a CPU plain attention, which is faster than the fused one at few positions."""
    plain = sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()
    with torch.autocast(device.type, torch.bfloat16), plain:
        yield


def add_noise(clean: Tensor, times: Tensor, source: torch.Generator) -> Tensor:
    """Noise by the schedule."""
    noise = torch.randn(clean.shape, generator=source, device=clean.device)
    noisy = schedule().add_noise(clean, noise, times)
    return noisy.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _with_own_guesses(
    artist: Artist,
    clean: Tensor,
    own: NDArray[np.int64],
    source: torch.Generator,
    condition: Tensor,
    prompt: Tensor,
) -> Tensor:
    """Puts the artist's own first guess in place of the truth for the samples numbered in `own`.

    In a run of few steps, what the second step sees under the noise is the first one's guess, faults and all.
    An artist trained on noised truth alone trusts it too much and carries the faults through.
    """
    if not len(own):
        return clean
    which = torch.from_numpy(own).to(clean.device)
    last = torch.full((len(own),), LAST, device=clean.device)
    noisy = add_noise(clean[which], last, source)
    guess = artist(noisy, last, condition[which], prompt[which], torch.ones(len(own), device=clean.device))
    return clean.index_copy(0, which, guess.to(clean.dtype))


def _draw_times(rng: np.random.Generator, control: NDArray[np.bool_], first: float) -> NDArray[np.int64]:
    """Timesteps: the last for a share `first`, then by `FEW_STEPS`; without a ControlNet only those where some of
    the picture is left. At the last only the ControlNet knows the picture, and that is the hardest to learn."""
    later = [(1 - first) * share for share in FEW_STEPS.values()]
    few = rng.choice([LAST, *FEW_STEPS, -1], len(control), p=[first, *later, 1 - first - sum(later)])
    times = np.where(few >= 0, few, rng.integers(0, 1000, len(control)))
    return np.where(control, times, np.minimum(times, 600))
