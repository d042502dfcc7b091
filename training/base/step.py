"""One step of training: what is seen, at which noise, and how far the guess is off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from training.base.data import Sample, Sources, batch
from training.base.loss import drawing_loss, psnr
from training.base.recipe import Recipe

FEW_STEPS = {749: 0.25, 499: 0.4, 249: 0.2}
"""Timesteps that runs of two and four steps visit after the first, and their shares of what is not trained at the
first, 999; the rest falls anywhere."""

SEEN = {"tile": "tile", "lineart": "lineart_standard"}
"""What reads a recipe's condition off a photograph."""


@dataclass(frozen=True)
class Lesson:
    """A batch as the networks take it.

    `photo`, `condition` and `drawn` are (N, 3, H, W): the condition in [0, 1], the others in [-1, 1].
    """

    photo: Tensor
    condition: Tensor
    drawn: Tensor
    captions: list[str]

    @classmethod
    def of(cls, samples: Sequence[Sample], condition: str, device: torch.device) -> Lesson:
        read = make_condition(SEEN[condition], device)
        seen = [read(sample.photo) for sample in samples]
        return cls(
            2 * _tensor([sample.photo for sample in samples], device) - 1,
            _tensor(seen, device),
            2 * _tensor([sample.drawn for sample in samples], device) - 1,
            [sample.caption for sample in samples],
        )


def draw_lesson(
    sources: Sources, recipe: Recipe, number: int, pool: Executor | None, device: torch.device
) -> Lesson:
    """The batch of a step, drawn from (seed, step) alone."""
    seeds = [(recipe.seed, number, each) for each in range(recipe.batch)]
    return Lesson.of(batch(sources, recipe.real_share, recipe.size, seeds, pool), recipe.condition, device)


def step_loss(artist: Artist, lesson: Lesson, recipe: Recipe, number: int) -> tuple[Tensor, float]:
    """The loss of a step and the PSNR of its guesses in dB; timesteps and noise come from (seed, step) alone."""
    rng = np.random.default_rng((recipe.seed, number))
    source = torch.Generator().manual_seed(recipe.seed * 1_000_003 + number)
    along, device = number / recipe.steps, lesson.photo.device
    control = torch.tensor(rng.random(recipe.batch) >= recipe.control_drop, dtype=torch.float32)
    times = _draw_times(rng, control, recipe.first_share if along < recipe.later_from else 0.5)
    captions = ["" if rng.random() < recipe.caption_drop else caption for caption in lesson.captions]
    own = torch.tensor(rng.random(recipe.batch) < recipe.own_share) & (times < 999) & (control > 0)

    clean = functional.pixel_unshuffle(lesson.drawn, artist.patch)
    with seen_by_networks(device):
        prompt = artist.encode_prompts(captions)
        start = _with_own_guesses(artist, clean, own.to(device), source, lesson.condition, prompt)
        noisy = add_noise(start, times, source)
        guess = artist(noisy, times.to(device), lesson.condition, prompt, control.to(device))
    picture = functional.pixel_shuffle(guess.float(), artist.patch)
    loss = drawing_loss(picture, lesson.drawn, recipe.edge_weight * along).mean()
    return loss, float(psnr(picture.detach(), lesson.drawn))


@torch.no_grad()
def first_guess(artist: Artist, lesson: Lesson, seed: int = 0) -> Tensor:
    """What the artist draws in one step from pure noise, (N, 3, H, W) in [-1, 1]."""
    shape = functional.pixel_unshuffle(lesson.drawn, artist.patch).shape
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(lesson.drawn.device)
    last = torch.full((shape[0],), 999, device=noise.device)
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
    """Noise by the schedule, drawn on the CPU so that every device sees the same."""
    noise = torch.randn(clean.shape, generator=source).to(clean.device)
    noisy = schedule().add_noise(clean, noise, times.to(clean.device))
    return noisy.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _with_own_guesses(
    artist: Artist, clean: Tensor, own: Tensor, source: torch.Generator, condition: Tensor, prompt: Tensor
) -> Tensor:
    """Puts the artist's own first guess in place of the truth for the samples marked `own`.

    In a run of few steps, what the second step sees under the noise is the first one's guess, faults and all.
    An artist trained on noised truth alone trusts it too much and carries the faults through.
    """
    if not own.any():
        return clean
    last = torch.full((int(own.sum()),), 999)
    noisy = add_noise(clean[own], last, source)
    guess = artist(
        noisy, last.to(clean.device), condition[own], prompt[own], torch.ones(len(last), device=clean.device)
    )
    seen = clean.clone()
    seen[own] = guess.float()
    return seen


def _draw_times(rng: np.random.Generator, control: Tensor, first: float) -> Tensor:
    """Timesteps: 999 for a share `first`, then by `FEW_STEPS`; without a ControlNet only those where some of the
    picture is left. At 999 only the ControlNet knows the picture, and that is the hardest to learn."""
    later = [(1 - first) * share for share in FEW_STEPS.values()]
    few = rng.choice([999, *FEW_STEPS, -1], len(control), p=[first, *later, 1 - first - sum(later)])
    times = np.where(few >= 0, few, rng.integers(0, 1000, len(control)))
    return torch.from_numpy(np.where(control.numpy() > 0, times, np.minimum(times, 600)))


def _tensor(pictures: list[NDArray[np.float32]], device: torch.device) -> Tensor:
    """Pictures (H, W, 3) to one tensor (N, 3, H, W)."""
    return torch.from_numpy(np.stack(pictures)).to(device).permute(0, 3, 1, 2).contiguous()
