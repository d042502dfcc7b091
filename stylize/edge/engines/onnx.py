"""ONNX Runtime with one of its execution providers; operations that the provider lacks run on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.edge.engines.base import Array
from stylize.errors import ModelError
from stylize.system.machine import usable_cores

HARMFUL_OPTIMIZERS = ["WeightBiasQuantization"]
"""It rounds float weights to 8 bits and biases to 32 wherever inputs are quantized: a network with 16-bit
weights fell from 77 dB to 30 dB because biases overflowed, and one with float weights fell to 21 dB."""


class OnnxRuntime:
    """The engine of that name, with its execution provider."""

    def __init__(self, name: str, provider: str) -> None:
        self.name = name
        self._providers = list(dict.fromkeys([provider, "CPUExecutionProvider"]))

    def load(self, model: Path, shapes: Sequence[tuple[int, ...]], threads: int | None = None) -> OnnxSession:
        """See `Engine.load`; the shapes are not needed here, for the runtime takes any."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or usable_cores()
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(model), options, providers=self._providers, disabled_optimizers=HARMFUL_OPTIMIZERS
            )
        except Exception as error:  # the runtime's own exceptions have no other common base
            first = str(error).strip().splitlines()[0]
            raise ModelError(
                f"ONNX Runtime cannot load this network: {first}", where=model, hint="export it again"
            ) from error
        return OnnxSession(session)


class OnnxSession:
    def __init__(self, session: Any) -> None:
        self._session = session
        self._names = [port.name for port in session.get_inputs()]

    def run(self, inputs: Sequence[Array]) -> list[NDArray[np.float32]]:
        feeds = dict(zip(self._names, inputs, strict=True))
        outputs: list[NDArray[np.float32]] = self._session.run(None, feeds)
        return outputs
