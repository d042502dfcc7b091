"""Goes on with smaller batches where a device's memory does not hold the one that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch

from stylize.errors import ModelError

_log = logging.getLogger(__name__)
InputT = TypeVar("InputT")
OutputT = TypeVar("OutputT")


@dataclass
class FittingBatches:
    """Does work in batches, and halves them when memory runs out; the smaller size is kept from then on.

    `most` is the size that fits, as far as it was found; None until memory ran out.
    """

    most: int | None = field(default=None)

    def run(
        self, work: Callable[[Sequence[InputT]], list[OutputT]], inputs: Sequence[InputT]
    ) -> list[OutputT]:
        """The outputs of all inputs, in order.

        Raises:
            ModelError: memory does not hold a single one.
        """
        outputs: list[OutputT] = []
        while len(outputs) < len(inputs):
            size = len(inputs) - len(outputs) if self.most is None else self.most
            batch = inputs[len(outputs) : len(outputs) + size]
            ran_out = False
            try:
                outputs += work(batch)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self._halve(len(batch), error)
                ran_out = True
            if ran_out and torch.cuda.is_available():  # here the failed batch's tensors are let go
                torch.cuda.empty_cache()
        return outputs

    def _halve(self, size: int, error: BaseException) -> None:
        if size == 1:
            raise ModelError(
                "There is not enough memory to draw one frame.",
                hint="draw smaller with --size, in --precision bf16, or on another --device",
            ) from error
        self.most = size // 2
        _log.warning(
            "Memory does not hold a batch of %d frames: going on with %d; --batch %d begins so.",
            size,
            self.most,
            self.most,
        )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or on the host."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
