"""The optimisation loop: gradients, steps, the moving average, the log, and the states to resume from."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from diffusers.training_utils import EMAModel
from torch.utils.tensorboard import SummaryWriter

from stylize.diffusion.prompts.encode import tokenize
from training.lora.base_model import BaseModel
from training.lora.denoiser import Denoiser, StyleBatch
from training.lora.drawing_set import DrawingSet
from training.lora.objective import Objective
from training.lora.progress import Listener, TrainingStep
from training.lora.recipe import StyleRecipe
from training.lora.sheets import ValidationSheet
from training.lora.state import load_state, save_state
from training.lora.trainable import Trainable

STATE_FILE = "state.pt"
FEW_STEP_RATE, NOISE_RATE = 5e-3, 1e-4
"""Learning rates where the recipe names none: of a checkpoint made for few steps, and of one that predicts
noise."""
FINAL_RATE_SHARE = 0.05


class TrainingLoop:
    """Trains the weights of a `Trainable`. Everything that a state holds is loaded when it is made.

    `learns_from` stands for the drawings: a state of other ones is refused.
    """

    def __init__(
        self,
        recipe: StyleRecipe,
        base_model: BaseModel,
        trainable: Trainable,
        out: Path,
        accelerator: Accelerator,
        learns_from: str,
    ) -> None:
        checkpoint = base_model.checkpoint
        if recipe.gradient_checkpointing:
            checkpoint.unet.enable_gradient_checkpointing()
        self.recipe, self.base_model, self.out, self.accelerator = recipe, base_model, out, accelerator
        self.weights = trainable.weights
        self.denoiser = Denoiser(base_model)
        rate = recipe.rate or (FEW_STEP_RATE if base_model.predicts_sample else NOISE_RATE)
        optimiser = torch.optim.AdamW(self.weights, lr=rate, weight_decay=recipe.weight_decay)
        self.average = EMAModel(self.weights, decay=recipe.ema) if recipe.ema else None
        self.rates = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_share(step, recipe))
        self.parts: dict[str, Any] = {"optimiser": optimiser, "scheduler": self.rates}
        if self.average is not None:
            self.parts["average"] = self.average
        self.facts = recipe.model_dump(mode="json")
        self.learns_from = learns_from
        self.steps_taken = load_state(out / STATE_FILE, self.facts, learns_from, self.weights, self.parts)
        if self.average is not None:
            self.average.to(checkpoint.device)
        self.model, self.optimiser = accelerator.prepare(self.denoiser, optimiser)
        self.objective = Objective.of(base_model, recipe)
        prompt = base_model.pack.style.prompt
        self.prior = tokenize(checkpoint.tokenizer, [prompt]) if recipe.prior else None

    def run(self, drawings: DrawingSet, sheet: ValidationSheet, listener: Listener) -> None:
        """Takes the remaining steps and leaves the averaged weights in the networks."""
        is_main = self.accelerator.is_main_process
        log = SummaryWriter(str(self.out / "log"), purge_step=self.steps_taken) if is_main else None
        began = time.perf_counter()
        for number in range(self.steps_taken, self.recipe.steps):
            loss = self._take_step(number, drawings)
            ended = time.perf_counter()
            step = TrainingStep(number + 1, loss, self.rates.get_last_lr()[0], ended - began)
            began = ended
            if log is not None:
                self._record(step, sheet, log)
            listener.step(step)
        if log is not None:
            log.close()
        self.accelerator.wait_for_everyone()
        if self.average is not None:
            self.average.copy_to(self.weights)

    def _take_step(self, number: int, drawings: DrawingSet) -> float:
        """One optimisation step over `accumulate` batches; returns their mean loss."""
        recipe, total = self.recipe, 0.0
        for part in range(recipe.accumulate):
            seed = (recipe.seed, number, part, self.accelerator.process_index)
            batch = StyleBatch.of(drawings.crops(seed, recipe.batch, recipe.flips), self.base_model)
            with self._exchanging_gradients(part == recipe.accumulate - 1):
                loss = self.objective.loss(self.model, self.denoiser, batch, (*seed, 1), self.prior)
                loss = loss / recipe.accumulate
                self.accelerator.backward(loss)
            total += float(loss.detach())
        self.accelerator.clip_grad_norm_(self.weights, recipe.clip)
        self.optimiser.step()
        self.rates.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.average is not None:
            self.average.step(self.weights)
        return total

    def _record(self, step: TrainingStep, sheet: ValidationSheet, log: SummaryWriter) -> None:
        """Writes the step to the log and, when it is time, the state and a sheet."""
        number, is_last = step.number, step.number == self.recipe.steps
        log.add_scalar("loss", step.loss, number)
        log.add_scalar("rate", step.rate, number)
        log.add_scalar("seconds a step", step.seconds, number)
        if number % self.recipe.sheet_every == 0 or is_last:
            with self._averaged_weights():
                frames = sheet.write(self.out / "sheets" / f"{number:06d}.jpg")
            for place, picture in enumerate(frames):
                log.add_image(f"frame {place}", picture, number, dataformats="HWC")
        if (
            number % self.recipe.keep_every == 0 or is_last
        ):  # last, so that a training stopped here draws its sheet
            save_state(self.out / STATE_FILE, self.facts, self.learns_from, number, self.weights, self.parts)

    @contextmanager
    def _averaged_weights(self) -> Iterator[None]:
        """Within it the networks hold the averaged weights."""
        if self.average is None:
            yield
            return
        self.average.store(self.weights)
        self.average.copy_to(self.weights)
        try:
            yield
        finally:
            self.average.restore(self.weights)

    @contextmanager
    def _exchanging_gradients(self, is_last: bool) -> Iterator[None]:
        """Several processes exchange gradients with the last batch of a step only."""
        if is_last:
            yield
            return
        with self.accelerator.no_sync(self.model):
            yield


def rate_share(step: int, recipe: StyleRecipe) -> float:
    """Share of the learning rate at a step: a linear warm-up, then half a cosine down to `FINAL_RATE_SHARE`."""
    if step < recipe.warmup:
        return (step + 1) / (recipe.warmup + 1)
    done = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
