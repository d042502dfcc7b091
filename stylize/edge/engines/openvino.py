"""OpenVINO on processors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.edge.engines.base import Array
from stylize.errors import ModelError
from stylize.machine import usable_cores


class OpenVino:
    """Reads the ONNX file itself and turns its quantized convolutions and products into integer kernels."""

    name = "openvino"

    @cached_property
    def _core(self) -> Any:
        import openvino

        return openvino.Core()

    def load(self, model: Path, shapes: Sequence[tuple[int, ...]]) -> OpenVinoSession:
        # What is not quantized stays in fp32: bf16, which OpenVINO would take where the processor has it, costs
        # 70 dB and saves no time on narrow networks.
        options = {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": usable_cores(),
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # or it rounds what goes into 8-bit products by itself
        }
        try:
            network = self._core.read_model(model)
            # Its front end renames inputs, so they go by their place.
            network.reshape({port: list(shape) for port, shape in zip(network.inputs, shapes, strict=True)})
            return OpenVinoSession(self._core.compile_model(network, "CPU", options))
        except RuntimeError as error:
            first = next((line for line in str(error).splitlines() if line.strip()), "it does not say why")
            raise ModelError(
                f"OpenVINO cannot load this network: {first}", where=model, hint="try: --device onnxruntime"
            ) from error


class OpenVinoSession:
    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = compiled.outputs

    def run(self, inputs: Sequence[Array]) -> list[NDArray[np.float32]]:
        answers = self._request.infer(dict(enumerate(inputs)), share_inputs=True, share_outputs=True)
        return [answers[port] for port in self._outputs]
