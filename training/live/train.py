"""The loop of a live training: steps, the moving average, states to resume from, and sheets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from stylize.errors import UsageError
from training.live.crops import LiveBatch
from training.live.enlarger import EnlargerNetwork
from training.live.network import SHAPES, LiveNetwork
from training.live.objective import live_loss
from training.live.recipe import SHEETS_FOLDER, STATE_FILE, LiveRecipe, TrainedNetwork
from training.state_file import read_state, refuse_other_recipe, resumed_state, write_state

REPORT_EVERY = 10
MAY_CHANGE = frozenset(("steps", "minutes", "threads", "device", "keep_every", "sheet_every", "fall"))
"""Settings that a resumed training may have otherwise: how long it goes on, and where."""


class Lessons(Protocol):
    """What a network learns from."""

    def batch(self, recipe: LiveRecipe, step: int) -> LiveBatch:
        """The crops of one step, which depend on the seed and the step alone."""

    def write_sheet(self, network: nn.Module, out: Path) -> None:
        """A picture of what the network makes of some of them."""


def build_network(name: TrainedNetwork) -> nn.Module:
    """A fresh network."""
    return EnlargerNetwork() if name == "x2" else LiveNetwork(SHAPES[name])


@dataclass(frozen=True)
class LiveStep:
    """A report: steps taken, the loss and PSNR (dB) of the last one, the share of the training that is over."""

    number: int
    loss: float
    psnr: float
    done: float


class LiveTraining:
    """A training in the folder `out`, at its beginning or where it was left.

    `learns_from` stands for its pairs.
    """

    def __init__(self, recipe: LiveRecipe, out: Path, learns_from: str) -> None:
        torch.set_num_threads(recipe.threads)
        torch.manual_seed(recipe.seed)
        self.recipe, self.out, self.learns_from = recipe, out, learns_from
        self.device = torch.device(recipe.device)
        network = build_network(recipe.network)
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.average = torch.optim.swa_utils.AveragedModel(
            self.network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.decay)
        )
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=1e-4
        )
        self.steps, self.seconds = 0, 0.0
        self._load()

    def begin_with(self, change: Callable[[nn.Module], None]) -> None:
        """Changes the fresh weights, before the first step."""
        change(self.network)
        self.averaged().load_state_dict(self.network.state_dict())

    def run(self, lessons: Lessons, report: Callable[[LiveStep], None]) -> nn.Module:
        """Takes the steps that are left.

        Returns:
            The network with the moving average of its weights.
        """
        recipe, began, before = self.recipe, time.perf_counter(), self.seconds
        while (done := self._done()) < 1:
            loss, error = self._take_step(lessons.batch(recipe, self.steps), done)
            self.steps += 1
            self.seconds = before + time.perf_counter() - began
            if self.steps % REPORT_EVERY == 0:
                psnr = float(-10 * torch.log10(error.clamp(min=1e-10)))
                report(LiveStep(self.steps, float(loss.detach()), psnr, self._done()))
            if self.steps % recipe.keep_every == 0:
                self._save()
            if self.steps % recipe.sheet_every == 0:
                lessons.write_sheet(self.averaged(), self.out / SHEETS_FOLDER / f"{self.steps:06d}.jpg")
        self._save()
        lessons.write_sheet(self.averaged(), self.out / SHEETS_FOLDER / f"{self.steps:06d}.jpg")
        return self.averaged()

    def averaged(self) -> nn.Module:
        """The network with the moving average of its weights."""
        return self.average.module

    def _done(self) -> float:
        """The share of the training that is over, by steps or by time."""
        by_time = self.seconds / (60 * self.recipe.minutes) if self.recipe.minutes else 0.0
        return max(self.steps / self.recipe.steps, by_time)

    def _take_step(self, batch: LiveBatch, done: float) -> tuple[torch.Tensor, torch.Tensor]:
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(done, self.steps)
        on_device = LiveBatch(*(getattr(batch, name).to(self.device) for name in vars(batch)))
        loss, error = live_loss(self.network, on_device, self.recipe)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        return loss, error

    def _save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "seconds": self.seconds,
            "recipe": self.recipe.model_dump_json(),
            "learns_from": self.learns_from,
        }
        write_state(self.out / STATE_FILE, state)

    def _load(self) -> None:
        state = resumed_state(self.out / STATE_FILE)
        if state is None:
            return
        now, then = self.recipe.model_dump(mode="json"), json.loads(state["recipe"])
        changed = [key for key in now if key not in MAY_CHANGE and now[key] != then.get(key)]
        refuse_other_recipe(self.out, changed)
        _check_layers(
            state, self.network, self.out, "choose another folder with -o: its pairs can be copied there"
        )
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps, self.seconds = int(state["steps"]), float(state["seconds"])
        if self._done() >= 1 and state.get("learns_from", self.learns_from) != self.learns_from:
            raise UsageError(
                "The training in this folder is over, and its pairs have been added to or changed since.",
                where=self.out,
                hint="take more steps with --steps, or choose another folder with -o",
            )


def trained_network(out: Path) -> nn.Module:
    """The averaged network of the training in `out`, finished or not.

    Raises:
        UsageError: there is no training there, or one of a network with other layers.
    """
    path = out / STATE_FILE
    if not path.exists():
        raise UsageError("There is no live training here.", where=out, hint="stylize train live --help")
    state = read_state(path)
    network = build_network(json.loads(state["recipe"])["network"])
    _check_layers(state, network, out, "name a training of this version, or a live model")
    average = torch.optim.swa_utils.AveragedModel(network)
    average.load_state_dict(state["average"])
    return average.module.eval().requires_grad_(False)


def _check_layers(state: Mapping[str, Any], network: nn.Module, folder: Path, hint: str) -> None:
    """Raises UsageError: a training's saved network has other layers than the one of this version."""
    if state["network"].keys() != network.state_dict().keys():
        raise UsageError(
            "The training in this folder is of another version of stylize, whose network had other layers.",
            where=folder,
            hint=hint,
        )
