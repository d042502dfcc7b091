"""Trains the bundled checkpoint: UNet, ControlNet and text encoder together, from scratch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from training.base import state
from training.base.artist import Artist
from training.base.data import Sources
from training.base.model import Architecture
from training.base.optimise import make_optimisers, set_rate
from training.base.recipe import Recipe
from training.base.sheet import write_sheet
from training.base.step import Lesson, draw_lesson, step_loss

STATE = "state.pt"
TELL_EVERY = 10
"""Steps from one report to the next."""
SHEET_STEP = 1_000_000_007
"""The step whose batch the sheets show: none that a training reaches."""


@dataclass(frozen=True)
class Step:
    """What is told of the training: how far it is, the last step's figures, and the time since the last report."""

    number: int
    loss: float
    psnr: float
    seconds: float


def train(
    recipe: Recipe,
    shape: Architecture,
    rendered: Path,
    frames: Path,
    out: Path,
    tell: Callable[[Step], None],
    start: Path | None = None,
) -> Artist:
    """Trains, or goes on training: the last state in `out` is taken up, and the outcome is the same.

    Every step draws its samples, timesteps and noise from (seed, step) alone.

    Args:
        rendered, frames: folders of prepared pairs.
        out: where the state and the sheets are kept.
        start: the folder of a finished training to begin from. A recipe for `lineart` needs one: its UNet and
            text encoder are kept as they are.

    Returns:
        The artist with the moving average of its weights.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    torch.backends.cudnn.benchmark = True
    device = torch.device(recipe.device)
    with closing(Sources.load(rendered, frames, device)) as sources:
        return _train(recipe, shape, sources, device, out, tell, start)


def _train(
    recipe: Recipe,
    shape: Architecture,
    sources: Sources,
    device: torch.device,
    out: Path,
    tell: Callable[[Step], None],
    start: Path | None,
) -> Artist:
    artist = Artist(shape)
    if start is not None:
        artist.load_state_dict(state.averaged_weights(start / STATE))
    if recipe.condition != "tile":
        artist.unet.requires_grad_(False)
        artist.text_encoder.requires_grad_(False)
    artist = artist.to(device, memory_format=torch.channels_last)
    average = torch.optim.swa_utils.AveragedModel(
        artist, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.decay)
    )
    optimisers = make_optimisers(artist, recipe)
    name = recipe.model_dump_json()
    first = state.take_up(out / STATE, name, artist, average, optimisers)
    shown = draw_lesson(sources, recipe, SHEET_STEP, None, recipe.ready)

    began = time.perf_counter()
    for number, lesson in _lessons(sources, recipe, first):
        loss, quality = step_loss(artist, lesson, recipe, number)
        artist.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(artist.parameters(), 1.0)
        set_rate(optimisers, recipe, number)
        for optimiser in optimisers:
            optimiser.step()
        average.update_parameters(artist)
        done = number + 1
        if done % TELL_EVERY == 0 or done == recipe.steps:
            # Reading a number off a device waits for all that it still has to do.
            figures = float(loss.detach()), float(quality)
            ended = time.perf_counter()
            tell(Step(done, *figures, ended - began))
            began = ended
        if done % recipe.checkpoint_every == 0 or done == recipe.steps:
            state.keep(out / STATE, name, artist, average, optimisers, done)
        if done % recipe.sheet_every == 0 or done == recipe.steps:
            write_sheet(artist, shown, out / "sheets" / f"{done:06d}.jpg")
    finished = average.module
    assert isinstance(finished, Artist)
    return finished


def _lessons(sources: Sources, recipe: Recipe, first: int) -> Iterator[tuple[int, Lesson]]:
    """The batches in their order; with threads to spare, the next one is cut while this one is learnt."""
    if recipe.threads == 1:
        for number in range(first, recipe.steps):
            yield number, draw_lesson(sources, recipe, number, None)
        return
    with ThreadPoolExecutor(1) as ahead, ThreadPoolExecutor(recipe.threads) as pool:

        def soon(number: int) -> Future[Lesson]:
            return ahead.submit(draw_lesson, sources, recipe, number, pool)

        waiting = soon(first) if first < recipe.steps else None
        for number in range(first, recipe.steps):
            assert waiting is not None
            lesson = waiting.result()
            waiting = soon(number + 1) if number + 1 < recipe.steps else None
            yield number, lesson


__all__ = ["STATE", "Artist", "Step", "train"]
