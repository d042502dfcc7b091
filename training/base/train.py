"""Trains the bundled checkpoint: UNet, ControlNet and text encoder together, from scratch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from training.base.data import Real, Rendered, Sample, batch
from training.base.loss import drawing_loss, psnr
from training.base.model import Architecture, build_controlnet, build_text_encoder, build_unet
from training.base.muon import Muon, convolutions
from training.base.recipe import Recipe
from training.base.tokens import build_tokenizer

FEW_STEPS = {749: 0.25, 499: 0.4, 249: 0.2}
"""Timesteps that runs of two and four steps visit after the first, and their shares of what is not trained at the
first, 999; the rest falls anywhere."""

OUTPUT_SHARE = 0.03
"""Share of the rate for the last convolution: all of its inputs lie far from zero (see passage.py), so that one
step of all its weights together moves the brightness of the whole picture."""


class Artist(nn.Module):
    """The parts that learn, as one module: photo, noise, time and caption in, drawing out."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.tokenizer = build_tokenizer(shape.vocabulary, shape.tokens)
        unet = build_unet(shape)
        self.unet: Any = unet
        self.controlnet: Any = build_controlnet(unet, shape)
        self.text_encoder = build_text_encoder(shape)

    def encode_prompts(self, captions: list[str]) -> Tensor:
        tokens = self.tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
        return self.text_encoder(tokens.input_ids)[0]

    def forward(self, noisy: Tensor, time: Tensor, photo: Tensor, prompt: Tensor, control: Tensor) -> Tensor:
        """Guesses the clean latents. `control` (N,) scales the ControlNet sample by sample."""
        down, middle = self.controlnet(noisy, time, prompt, photo, return_dict=False)
        scale = control.view(-1, 1, 1, 1)
        return self.unet(
            noisy,
            time,
            prompt,
            down_block_additional_residuals=[residual * scale for residual in down],
            mid_block_additional_residual=middle * scale,
            return_dict=False,
        )[0]


@dataclass(frozen=True)
class Step:
    """What one optimisation step tells."""

    number: int
    loss: float
    psnr: float
    seconds: float


def schedule() -> Any:
    """Stable Diffusion's noise levels; the network guesses the clean sample."""
    return DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample"
    )


def train(
    recipe: Recipe, shape: Architecture, rendered: Path, frames: Path, out: Path, tell: Callable[[Step], None]
) -> Artist:
    """Trains, or goes on training: the last state in `out` is taken up, and the outcome is the same.

    Every step draws its samples, timesteps and noise from (seed, step) alone.

    Returns:
        The artist with the moving average of its weights.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    sources = (Rendered.load(rendered), Real.load(frames))
    artist = Artist(shape).to(memory_format=torch.channels_last)
    average = torch.optim.swa_utils.AveragedModel(
        artist, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.decay)
    )
    optimisers = _optimisers(artist, recipe)
    state = out / "state.pt"
    first = _take_up(state, artist, average, optimisers)

    for number in range(first, recipe.steps):
        began = time.perf_counter()
        loss, quality = _one_step(artist, recipe, sources, number)
        artist.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(artist.parameters(), 1.0)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = _rate(recipe, number) * group.get("share", 1.0)
            optimiser.step()
        average.update_parameters(artist)
        tell(Step(number + 1, float(loss.detach()), quality, time.perf_counter() - began))
        if (number + 1) % recipe.checkpoint_every == 0 or number + 1 == recipe.steps:
            _keep(state, artist, average, optimisers, number + 1)
    finished = average.module
    assert isinstance(finished, Artist)
    return finished


def _optimisers(artist: Artist, recipe: Recipe) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the hidden convolutions; AdamW for all else, its decay for matrices only."""
    hidden, last = convolutions(artist), list(artist.unet.conv_out.parameters())
    taken = {id(weight) for weight in [*hidden, *last]}
    rest = [weight for weight in artist.parameters() if id(weight) not in taken]
    groups = [
        {"params": [weight for weight in rest if weight.ndim > 1], "weight_decay": 0.01},
        {"params": [weight for weight in rest if weight.ndim <= 1], "weight_decay": 0.0},
        {"params": last, "weight_decay": 0.0, "share": OUTPUT_SHARE},
    ]
    return (
        Muon(hidden, lr=recipe.rate, weight_decay=0.01),
        torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.99), fused=True),
    )


def _one_step(
    artist: Artist, recipe: Recipe, sources: tuple[Rendered, Real], number: int
) -> tuple[Tensor, float]:
    rng = np.random.default_rng((recipe.seed, number))
    along = number / recipe.steps
    noise_source = torch.Generator().manual_seed(recipe.seed * 1_000_003 + number)
    samples = batch(sources, recipe.real_share, rng, recipe.batch, recipe.size)
    photo, drawn = (_to_model([getattr(s, side) for s in samples]) for side in ("photo", "drawn"))
    control = torch.tensor(rng.random(recipe.batch) >= recipe.control_drop, dtype=torch.float32)
    times = _draw_times(rng, control, recipe.first_share if along < recipe.later_from else 0.5)
    scheduler = schedule()
    clean = functional.pixel_unshuffle(drawn, artist_patch(artist))
    noise = torch.randn(clean.shape, generator=noise_source)
    captions = ["" if rng.random() < recipe.caption_drop else s.caption for s in samples]
    own = torch.tensor(rng.random(recipe.batch) < recipe.own_share) & (times < 999) & (control > 0)
    # On a CPU the fused attention is slower than plain products at 8x8 positions.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        prompt = artist.encode_prompts(captions)
        seen = _with_own_guesses(artist, clean, own, noise_source, photo, prompt)
        noisy = scheduler.add_noise(seen, noise, times).contiguous(memory_format=torch.channels_last)
        guess = artist(noisy, times, (photo + 1) / 2, prompt, control)
    picture = functional.pixel_shuffle(guess.float(), artist_patch(artist))
    loss = drawing_loss(picture, drawn, recipe.edge_weight * along).mean()
    return loss, float(psnr(picture.detach(), drawn))


@torch.no_grad()
def _with_own_guesses(
    artist: Artist, clean: Tensor, own: Tensor, source: torch.Generator, photo: Tensor, prompt: Tensor
) -> Tensor:
    """Puts the artist's own first guess in place of the truth for the samples marked `own`.

    In a run of few steps, what the second step sees under the noise is the first one's guess, faults and all.
    An artist trained on noised truth alone trusts it too much and carries the faults through.
    """
    if not own.any():
        return clean
    start = torch.randn(clean.shape, generator=source)[own]
    last = torch.full((len(start),), 999)
    noisy = schedule().add_noise(clean[own], start, last).contiguous(memory_format=torch.channels_last)
    guess = artist(noisy, last, (photo[own] + 1) / 2, prompt[own], torch.ones(len(start)))
    seen = clean.clone()
    seen[own] = guess.float()
    return seen


def artist_patch(artist: Artist) -> int:
    """Side of a patch, px, from the number of latent channels."""
    return round((artist.unet.config.in_channels / 3) ** 0.5)


def _draw_times(rng: np.random.Generator, control: Tensor, first: float) -> Tensor:
    """Timesteps: 999 for a share `first`, then by `FEW_STEPS`; without a ControlNet only those where some of the
    picture is left. At 999 only the ControlNet knows the picture, and that is the hardest to learn."""
    later = [(1 - first) * share for share in FEW_STEPS.values()]
    few = rng.choice([999, *FEW_STEPS, -1], len(control), p=[first, *later, 1 - first - sum(later)])
    times = np.where(few >= 0, few, rng.integers(0, 1000, len(control)))
    return torch.from_numpy(np.where(control.numpy() > 0, times, np.minimum(times, 600)))


def _to_model(pictures: list[np.ndarray]) -> Tensor:
    """Pictures (H, W, 3) in [0, 1] to one tensor (N, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous() * 2 - 1


def _rate(recipe: Recipe, number: int) -> float:
    """Linear warm-up, then half a cosine down to one per cent."""
    if number < recipe.warmup:
        return recipe.rate * (number + 1) / recipe.warmup
    along = (number - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.rate * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * along))))


def _keep(
    state: Path, artist: Artist, average: nn.Module, optimisers: tuple[torch.optim.Optimizer, ...], step: int
) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    tmp = state.with_suffix(".tmp")
    parts = {
        "artist": artist.state_dict(),
        "average": average.state_dict(),
        "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        "step": step,
    }
    torch.save(parts, tmp)
    tmp.replace(state)
    state.with_suffix(".json").write_text(json.dumps({"step": step}))


def _take_up(
    state: Path, artist: Artist, average: nn.Module, optimisers: tuple[torch.optim.Optimizer, ...]
) -> int:
    if not state.exists():
        return 0
    parts = torch.load(state, weights_only=True)
    artist.load_state_dict(parts["artist"])
    average.load_state_dict(parts["average"])
    for optimiser, kept in zip(optimisers, parts["optimisers"], strict=True):
        optimiser.load_state_dict(kept)
    return int(parts["step"])


__all__ = ["Artist", "Sample", "Step", "schedule", "train"]
