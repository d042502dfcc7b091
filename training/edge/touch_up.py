"""Quantization-aware fine-tuning: a quantized network is trained to give the outputs that it gave in float.

The gradient passes the rounding as if it were not there (Bengio et al., "Estimating or Propagating Gradients
Through Stochastic Neurons", 2013), and quantization ranges are trained beside the weights (Jain et al., "Trained
Quantization Thresholds", MLSys 2020). The target is the network's own float output, so that no drawings are needed.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

Inputs = tuple[Tensor, ...]
"""The arguments of one call of a network."""
Calls = Callable[[], Iterator[Inputs]]
"""Returns a new iterator over the same calls each time; they may be too many to hold in memory."""

RATE = 2e-5
"""Learning rate of the first step; it falls to zero along a cosine. A step of an 8-bit weight is some
thousandths."""
HELD_OUT_EVERY = 5
"""One in this many calls is not trained on, but measured on."""


@dataclass(frozen=True)
class TouchUpResult:
    """Signal-to-noise ratio of the student's outputs against the teacher's, dB, on the held-out calls.

    `is_kept` is false where it did not rise; the student's weights are then those from before.
    """

    before: float
    after: float

    @property
    def is_kept(self) -> bool:
        return self.after > self.before

    def __str__(self) -> str:
        words = f"{self.before:.1f} to {self.after:.1f} dB of float"
        return f"touched up, {words}" if self.is_kept else f"touch-up put back, {words}"


def touch_up(
    student: nn.Module,
    teacher: nn.Module,
    calls: Calls,
    steps: int,
    tell: Callable[[int], None] = lambda step: None,
) -> TouchUpResult:
    """Trains weights, biases and ranges of `student`, in place, one call a step.

    Args:
        student: a differentiable simulation of the quantized network; all that asks for gradients is trained.
        teacher: the float network. It must share no weights with the student.
        calls: at least two; every `HELD_OUT_EVERY`-th is held out.
        tell: called with the number of each step before it, from 0.

    Raises:
        ValueError: too few calls.
    """
    trained = [each for each in student.parameters() if each.requires_grad]
    before = _snr_db(student, teacher, calls)
    original = copy.deepcopy(student.state_dict())
    optimizer = torch.optim.Adam(trained, RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for number, call in enumerate(islice(_training_calls(calls), steps)):
        tell(number)
        with torch.no_grad():
            targets = _outputs(teacher(*call))
        with torch.enable_grad():
            loss = sum(
                ((output - target).square().mean() / target.square().mean().clamp(min=1e-12))
                for output, target in zip(_outputs(student(*call)), targets, strict=True)
            )
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        schedule.step()
    result = TouchUpResult(before, _snr_db(student, teacher, calls))
    if not result.is_kept:
        student.load_state_dict(original)
    return result


def _training_calls(calls: Calls) -> Iterator[Inputs]:
    """All calls but the held-out ones, again and again without end."""
    while True:
        count = 0
        for number, call in enumerate(calls()):
            if number % HELD_OUT_EVERY:
                count += 1
                yield call
        if not count:
            raise ValueError(
                "Fine-tuning takes at least two calls of a network: one to train on and one to measure on."
            )


@torch.no_grad()
def _snr_db(student: nn.Module, teacher: nn.Module, calls: Calls) -> float:
    """Signal-to-noise ratio on the held-out calls."""
    noise = signal = 0.0
    for call in islice(calls(), 0, None, HELD_OUT_EVERY):
        for output, target in zip(_outputs(student(*call)), _outputs(teacher(*call)), strict=True):
            noise += float((output - target).square().mean())
            signal += float(target.square().mean())
    return 10 * math.log10(max(signal, 1e-30) / max(noise, 1e-30))


def _outputs(returned: Any) -> list[Tensor]:
    several = returned if isinstance(returned, tuple | list) else (returned,)
    return [torch.as_tensor(each) for each in several]
