"""What a training reports while it runs, and what it ends in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingStep:
    """One optimisation step that was taken.

    Attributes:
        number: how many steps have been taken, this one included.
        loss: the mean loss of its batches.
        rate: the learning rate of the next step.
        seconds: since the step before, with whatever was saved or drawn between.
    """

    number: int
    loss: float
    rate: float
    seconds: float


@dataclass(frozen=True)
class TrainingResult:
    """What a training ended in.

    Attributes:
        folder: the style pack, or the ControlNet's folder.
        steps: optimisation steps taken in all.
        drawings: how many drawings were learnt from, repeated ones left out.
        weights_bytes: size of the trained weights' file.
        is_main: whether this process wrote the folder; of several processes, on as many GPUs, one does.
    """

    folder: Path
    steps: int
    drawings: int
    weights_bytes: int
    is_main: bool = True


@dataclass(frozen=True)
class Listener:
    """Callbacks of a training: `step` after every step, `note` with sentences that the user should read."""

    step: Callable[[TrainingStep], None] = lambda step: None
    note: Callable[[str], None] = lambda text: None
