"""Quantization-aware touch-up: a quantized network learns to answer as it did in float.

Rounding lets the gradient through as if it were not there (Bengio et al., "Estimating or Propagating Gradients
Through Stochastic Neurons", 2013), and ranges are learnt beside weights (Jain et al., "Trained Quantization
Thresholds", MLSys 2020). The teacher is the network itself before quantization, so that no drawings are needed.
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

Call = tuple[Tensor, ...]
Calls = Callable[[], Iterator[Call]]
"""Gives the calls of a network anew each time; they may be too many to hold at once."""

RATE = 2e-5
"""At the first step; it falls to nothing along a cosine. Steps of 8-bit weights are some thousandths wide."""
JUDGED = 5
"""One in so many calls is kept back, to judge by."""


@dataclass(frozen=True)
class Touched:
    """Signal to noise beside the teacher, dB, on calls that were kept back.

    `is_kept` is false where learning did not help, and everything was put back.
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
) -> Touched:
    """Teaches weights, biases and ranges of `student`, in place, one call a step.

    Args:
        student: a differentiable simulation; whatever of it asks for gradients is learnt.
        teacher: the float network. It must share no weights with the student.
        calls: at least two; every `JUDGED`-th is kept back.
        tell: is told the number of each step.

    Raises:
        ValueError: too few calls.
    """
    learnt = [each for each in student.parameters() if each.requires_grad]
    before = _nearness(student, teacher, calls)
    kept = copy.deepcopy(student.state_dict())
    optimizer = torch.optim.Adam(learnt, RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for number, call in enumerate(islice(_forever(calls), steps)):
        tell(number)
        with torch.no_grad():
            wanted = _answers(teacher(*call))
        with torch.enable_grad():
            loss = sum(
                ((answer - truth).square().mean() / truth.square().mean().clamp(min=1e-12))
                for answer, truth in zip(_answers(student(*call)), wanted, strict=True)
            )
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        schedule.step()
    touched = Touched(before, _nearness(student, teacher, calls))
    if not touched.is_kept:
        student.load_state_dict(kept)
    return touched


def _forever(calls: Calls) -> Iterator[Call]:
    """Those to learn from, again and again."""
    while True:
        count = 0
        for number, call in enumerate(calls()):
            if number % JUDGED:
                count += 1
                yield call
        if not count:
            raise ValueError("Learning takes at least two calls of a network: one more than is judged by.")


@torch.no_grad()
def _nearness(student: nn.Module, teacher: nn.Module, calls: Calls) -> float:
    noise = signal = 0.0
    for call in islice(calls(), 0, None, JUDGED):
        for answer, truth in zip(_answers(student(*call)), _answers(teacher(*call)), strict=True):
            noise += float((answer - truth).square().mean())
            signal += float(truth.square().mean())
    return 10 * math.log10(max(signal, 1e-30) / max(noise, 1e-30))


def _answers(answer: Any) -> list[Tensor]:
    several = answer if isinstance(answer, tuple | list) else (answer,)
    return [torch.as_tensor(each) for each in several]
