"""ONNX Runtime with one of its execution providers; what the provider lacks runs on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.edge.engines.base import Array
from stylize.errors import ModelError
from stylize.system.machine import usable_cores

ROUNDS_BY_ITSELF = ["WeightBiasQuantization"]
"""It turns float weights and biases behind quantized inputs into 8 and 32 bits: a network of 16-bit weights fell
from 77 dB to 30 dB, for its biases overflowed, and one of float weights to 21 dB."""


class OnnxRuntime:
    def __init__(self, name: str, provider: str) -> None:
        self.name = name
        self._providers = list(dict.fromkeys([provider, "CPUExecutionProvider"]))

    def load(self, model: Path, shapes: Sequence[tuple[int, ...]]) -> OnnxSession:
        """Shapes are taken as they come: the runtime finds them out by itself."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = usable_cores()
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(model), options, providers=self._providers, disabled_optimizers=ROUNDS_BY_ITSELF
            )
        except Exception as error:  # the runtime's own kinds share no base but this one
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
        answers: list[NDArray[np.float32]] = self._session.run(
            None, dict(zip(self._names, inputs, strict=True))
        )
        return answers
