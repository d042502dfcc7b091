"""Trains the bundled checkpoint from scratch: UNet, ControlNet and text encoder together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from training.base.batch import BaseBatch, make_batch
from training.base.critic import Critic
from training.base.drawing_model import DrawingModel
from training.base.networks import Architecture
from training.base.objective import training_loss
from training.base.optimisers import make_optimisers, set_rate
from training.base.pair_loader import PairSources
from training.base.recipe import BaseRecipe
from training.base.sample_sheet import write_sample_sheet
from training.base.start import begin_from
from training.base.state import STATE_FILE, load_state, save_state

REPORT_EVERY = 10
"""Steps between two reports."""
SHEET_STEP = 1_000_000_007
"""The sheets show the batch of this step: one that no training reaches."""


@dataclass(frozen=True)
class BaseTrainingStep:
    """A report: the number of steps taken, loss and PSNR (dB) of the last, and seconds since the report before."""

    number: int
    loss: float
    psnr: float
    seconds: float


def train(
    recipe: BaseRecipe,
    shape: Architecture,
    rendered: Path,
    real: Path,
    out: Path,
    report: Callable[[BaseTrainingStep], None],
    start: Path | None = None,
) -> DrawingModel:
    """Trains, or resumes from the state in `out` and ends in the same weights.

    Every step draws its samples, timesteps and noise from (seed, step) alone.

    Args:
        rendered, real: folders of prepared pairs.
        out: folder for the state and the sheets.
        report: called every `REPORT_EVERY` steps and after the last.
        start: the folder of a finished training or of a checkpoint, whose weights to begin with. A recipe for
            `lineart` needs one: its UNet and text encoder stay as they are.

    Returns:
        The model with the moving average of its weights.

    Raises:
        UsageError: pairs or a state that cannot be used.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    torch.backends.cudnn.benchmark = True
    device = torch.device(recipe.device)
    with closing(PairSources.load(rendered, real, device)) as sources:
        model = _initial_model(recipe, shape, start).to(device, memory_format=torch.channels_last)
        return _run(recipe, model, sources, out, report)


def _initial_model(recipe: BaseRecipe, shape: Architecture, start: Path | None) -> DrawingModel:
    model = DrawingModel(shape)
    if start is not None:
        begin_from(model, start, recipe.condition)
    if recipe.condition != "tile":
        model.unet.requires_grad_(False)
        model.text_encoder.requires_grad_(False)
    return model


def _run(
    recipe: BaseRecipe,
    model: DrawingModel,
    sources: PairSources,
    out: Path,
    report: Callable[[BaseTrainingStep], None],
) -> DrawingModel:
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.decay)
    )
    optimisers = make_optimisers(model, recipe)
    facts = recipe.model_dump_json()
    critic = Critic(sources.rendered.device) if recipe.critic_weight else None
    first = load_state(out / STATE_FILE, facts, model, average, optimisers, critic)
    shown = make_batch(sources, recipe, SHEET_STEP, None, recipe.ready)

    began = time.perf_counter()
    for number, batch in _batches(sources, recipe, first):
        outcome = training_loss(model, batch, recipe, number, critic)
        model.zero_grad(set_to_none=True)
        outcome.loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        set_rate(optimisers, recipe, number)
        for optimiser in optimisers:
            optimiser.step()
        average.update_parameters(model)
        if critic is not None:
            critic.learn(2 * batch.condition - 1, outcome.drawn, outcome.truth)
        done, is_last = number + 1, number + 1 == recipe.steps
        if done % REPORT_EVERY == 0 or is_last:
            # Reading a number off a device waits for all its pending work: not after every step.
            figures = float(outcome.loss.detach()), float(outcome.quality)
            ended = time.perf_counter()
            report(BaseTrainingStep(done, *figures, ended - began))
            began = ended
        if done % recipe.checkpoint_every == 0 or is_last:
            save_state(out / STATE_FILE, facts, model, average, optimisers, done, critic)
        if done % recipe.sheet_every == 0 or is_last:
            write_sample_sheet(model, shown, out / "sheets" / f"{done:06d}.jpg")
    finished = average.module
    assert isinstance(finished, DrawingModel)
    return finished


def _batches(sources: PairSources, recipe: BaseRecipe, first: int) -> Iterator[tuple[int, BaseBatch]]:
    """The batches of the steps from `first` on. With more than one thread, the next one is made meanwhile."""
    if recipe.threads == 1:
        for number in range(first, recipe.steps):
            yield number, make_batch(sources, recipe, number, None)
        return
    with ThreadPoolExecutor(1) as background, ThreadPoolExecutor(recipe.threads) as pool:

        def prepare(number: int) -> Future[BaseBatch]:
            return background.submit(make_batch, sources, recipe, number, pool)

        upcoming = prepare(first) if first < recipe.steps else None
        for number in range(first, recipe.steps):
            assert upcoming is not None
            batch = upcoming.result()
            upcoming = prepare(number + 1) if number + 1 < recipe.steps else None
            yield number, batch
