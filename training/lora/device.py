"""accelerate's state for one training: device, precision and threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from stylize.diffusion.device import choose_device, choose_precision
from training.lora.recipe import StyleRecipe


def arithmetic_of(recipe: StyleRecipe, device: torch.device) -> str:
    """'fp32', 'bf16' or 'fp16'. On a processor that has no bf16, a step in it takes seven times as long."""
    if recipe.precision != "auto":
        return recipe.precision
    return "bf16" if choose_precision("auto", device) == "bf16" else "fp32"


@contextmanager
def accelerator_for(recipe: StyleRecipe) -> Iterator[Accelerator]:
    """An accelerator on the recipe's device, in its precision; torch's number of threads is restored afterwards.

    Raises:
        UsageError: there is no such device.
    """
    device = choose_device(recipe.device)
    threads = torch.get_num_threads()
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    # accelerate keeps one state for each process; an earlier training in it may have had another precision.
    AcceleratorState._reset_state(reset_partial_state=True)
    precision = arithmetic_of(recipe, device)
    accelerator = Accelerator(
        mixed_precision="no" if precision == "fp32" else precision, cpu=device.type == "cpu"
    )
    try:
        yield accelerator
    finally:
        accelerator.free_memory()
        torch.set_num_threads(threads)
