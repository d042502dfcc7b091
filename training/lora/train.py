"""Trains a LoRA or a ControlNet: from a folder of drawings to a style pack, or to a folder for --control."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from diffusers.training_utils import EMAModel
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from stylize.diffusion.device import choose_device
from stylize.diffusion.prompt import tokenize
from training.dataset.captions import caption_all, fill, load_captioner
from training.dataset.check import check
from training.dataset.gather import gather
from training.lora import state
from training.lora.apprentice import Apprentice, ControlNetApprentice, LoraApprentice
from training.lora.learner import Learner, Lesson
from training.lora.objective import Objective
from training.lora.pack import write_pack
from training.lora.recipe import Recipe
from training.lora.samples import Portfolio
from training.lora.sheet import Samples, contact_sheet, validation_frames
from training.lora.standing import Standing, load_standing

STATE = "state.pt"
RATES = {True: 5e-3, False: 1e-4}
"""Learning rates where the recipe names none: of a network made for few steps, of one that predicts noise."""
SHOWN = 1_000_003
"""The step whose crops the contact sheet shows: none that a training reaches."""


@dataclass(frozen=True)
class Step:
    """What one optimisation step tells."""

    number: int
    loss: float
    rate: float
    seconds: float


@dataclass(frozen=True)
class Trained:
    """What a training ends in."""

    pack: Path
    """The style pack, or a ControlNet's folder."""
    steps: int
    drawings: int
    lora_bytes: int
    is_main: bool = True
    """Whether this process wrote it: of several on as many GPUs one does."""


@dataclass
class Listener:
    """Who hears what: every step, and sentences that the user should know."""

    step: Callable[[Step], None] = lambda step: None
    note: Callable[[str], None] = field(default=lambda text: None)


def train_lora(recipe: Recipe, out: Path, listener: Listener | None = None) -> Trained:
    """Trains, or goes on training: a state in `out` is taken up, and the outcome is the same to the bit on a CPU.

    `out` gets recipe.toml, contact.jpg, sheets/, log/ (TensorBoard), the state, and in the end the pack.

    Raises:
        StylizeError: drawings, recipe or checkpoint that cannot be meant or found.
    """
    hear = listener or Listener()
    found = gather(recipe.drawings)
    with _accelerated(recipe) as (accelerator, device):
        standing = load_standing(recipe, device)
        resolution = standing.resolution(recipe)
        checked = check(found, min(resolution, 64) if recipe.resolution is None else resolution)
        for note in checked.notes:
            hear.note(note)
        describe = load_captioner(recipe.captioner) if recipe.captions == "auto" else None
        prompt = fill(recipe.template, standing.pack.style.prompt, recipe.word)
        drawings = caption_all(
            checked.drawings, recipe.template, standing.pack.style.prompt, recipe.word, describe
        )
        portfolio = Portfolio.read(
            drawings, resolution, standing.short_side(recipe), standing.facts.grid, recipe.sources == "auto"
        )
        out.mkdir(parents=True, exist_ok=True)
        frames = validation_frames(
            recipe.validation, _first_sources(portfolio, recipe), standing.short_side(recipe)
        )
        if accelerator.is_main_process:
            recipe.write(out / "recipe.toml")
            contact_sheet(portfolio.batch((recipe.seed, SHOWN), 16, recipe.flips), out / "contact.jpg")
        is_net = recipe.kind == "controlnet"
        apprentice = ControlNetApprentice(standing, recipe) if is_net else LoraApprentice(standing, recipe)
        samples = Samples(standing, recipe, prompt, frames)
        with apprentice.untaught():
            samples.before = samples.draw()
        _learn(recipe, standing, apprentice, portfolio, samples, out, accelerator, hear)
        made, size = out / recipe.name, 0
        if accelerator.is_main_process:
            if not is_net:
                write_pack(made, recipe, standing, prompt, len(drawings), samples.draw()[0])
            size = apprentice.write(made)
        return Trained(made, recipe.steps, len(drawings), size, accelerator.is_main_process)


def _learn(
    recipe: Recipe,
    standing: Standing,
    apprentice: Apprentice,
    portfolio: Portfolio,
    samples: Samples,
    out: Path,
    accelerator: Accelerator,
    hear: Listener,
) -> None:
    """The loop. It leaves the averaged weights in the networks."""
    checkpoint = standing.checkpoint
    if recipe.gradient_checkpointing:
        checkpoint.unet.enable_gradient_checkpointing()
    learner = Learner(standing)
    weights = apprentice.weights
    rate = recipe.rate or RATES[standing.predicts_the_sample]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=recipe.weight_decay)
    average = EMAModel(weights, decay=recipe.ema) if recipe.ema else None
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _warmth(step, recipe))
    parts: dict[str, Any] = {"optimiser": optimiser, "scheduler": scheduler}
    if average is not None:
        parts["average"] = average
    facts = recipe.model_dump(mode="json")
    first = state.take_up(out / STATE, facts, weights, parts)
    if average is not None:
        average.to(checkpoint.device)
    wrapped, optimiser = accelerator.prepare(learner, optimiser)
    objective = Objective.of(standing, recipe)
    prior = tokenize(checkpoint.tokenizer, [standing.pack.style.prompt]) if recipe.prior else None
    log = SummaryWriter(str(out / "log"), purge_step=first) if accelerator.is_main_process else None

    began = time.perf_counter()
    for number in range(first, recipe.steps):
        total = 0.0
        for part in range(recipe.accumulate):
            seed = (recipe.seed, number, part, accelerator.process_index)
            lesson = Lesson.of(portfolio.batch(seed, recipe.batch, recipe.flips), standing)
            with _synchronised(accelerator, wrapped, part == recipe.accumulate - 1):
                loss = objective.loss(wrapped, learner, lesson, (*seed, 1), prior) / recipe.accumulate
                accelerator.backward(loss)
            total += float(loss.detach())
        accelerator.clip_grad_norm_(weights, recipe.clip)
        optimiser.step()
        scheduler.step()
        optimiser.zero_grad(set_to_none=True)
        if average is not None:
            average.step(weights)
        done, ended = number + 1, time.perf_counter()
        step = Step(done, total, scheduler.get_last_lr()[0], ended - began)
        began = ended
        if log is not None:
            log.add_scalar("loss", step.loss, done)
            log.add_scalar("rate", step.rate, done)
            log.add_scalar("seconds a step", step.seconds, done)
            if done % recipe.keep_every == 0 or done == recipe.steps:
                state.keep(out / STATE, facts, done, weights, parts)
            if done % recipe.sheet_every == 0 or done == recipe.steps:
                with _averaged(average, weights):
                    for place, picture in enumerate(samples.write(out / "sheets" / f"{done:06d}.jpg")):
                        log.add_image(f"frame {place}", picture, done, dataformats="HWC")
        hear.step(step)
    if log is not None:
        log.close()
    accelerator.wait_for_everyone()
    if average is not None:
        average.copy_to(weights)


def _warmth(step: int, recipe: Recipe) -> float:
    """The rate's share at a step: a linear rise, then half a cosine down to a twentieth."""
    if step < recipe.warmup:
        return (step + 1) / (recipe.warmup + 1)
    along = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, along)))


def _first_sources(portfolio: Portfolio, recipe: Recipe) -> list[Any]:
    """What the sheets show where no validation frames are given: sources that the drawings could have had."""
    given = [leaf.source for leaf in portfolio.leaves if leaf.source is not None]
    if given:
        return [source.astype("float32") / 255 for source in given[:: max(1, len(given) // 4)]]
    return [sample.source for sample in portfolio.batch((recipe.seed, SHOWN), 4, False)]


@contextmanager
def _averaged(average: EMAModel | None, weights: list[nn.Parameter]) -> Iterator[None]:
    """The averaged weights in the networks for a while."""
    if average is None:
        yield
        return
    average.store(weights)
    average.copy_to(weights)
    try:
        yield
    finally:
        average.restore(weights)


@contextmanager
def _synchronised(accelerator: Accelerator, wrapped: Any, last: bool) -> Iterator[None]:
    """Several processes exchange gradients with the last batch of a step only."""
    if last:
        yield
        return
    with accelerator.no_sync(wrapped):
        yield


@contextmanager
def _accelerated(recipe: Recipe) -> Iterator[tuple[Accelerator, torch.device]]:
    """accelerate's way to the device, in the recipe's precision and on its processors."""
    device = choose_device(recipe.device)
    threads = torch.get_num_threads()
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    # accelerate keeps one state for a process; another training in it may want another precision.
    AcceleratorState._reset_state(reset_partial_state=True)
    precision = {"fp32": "no"}.get(recipe.precision, recipe.precision)
    accelerator = Accelerator(mixed_precision=precision, cpu=device.type == "cpu")
    try:
        yield accelerator, accelerator.device
    finally:
        accelerator.free_memory()
        torch.set_num_threads(threads)
