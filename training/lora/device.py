"""accelerate's state for one training: device, precision and threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from stylize.diffusion.device import choose_device
from training.lora.recipe import StyleRecipe


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
    precision = {"fp32": "no"}.get(recipe.precision, recipe.precision)
    accelerator = Accelerator(mixed_precision=precision, cpu=device.type == "cpu")
    try:
        yield accelerator
    finally:
        accelerator.free_memory()
        torch.set_num_threads(threads)
