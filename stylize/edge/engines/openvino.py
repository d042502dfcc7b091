"""OpenVINO on processors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.edge.engines.base import Array
from stylize.edge.engines.rewrite import PICTURE, rewrite
from stylize.errors import ModelError
from stylize.system.machine import usable_cores


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
            rewrite(network)
            return OpenVinoSession(self._core.compile_model(_channels_last(network), "CPU", options))
        except RuntimeError as error:
            first = next((line for line in str(error).splitlines() if line.strip()), "it does not say why")
            raise ModelError(
                f"OpenVINO cannot load this network: {first}", where=model, hint="try: --device onnxruntime"
            ) from error


def _channels_last(network: Any) -> Any:
    """The network with pictures turned to channels-last at its ports, as its kernels hold them.

    Turning them over on the way from one network to the next took a third of a ControlNet's time.
    """
    from openvino import Layout
    from openvino.preprocess import PrePostProcessor

    ports = PrePostProcessor(network)
    for place, port in enumerate(network.inputs):
        if len(port.shape) == PICTURE:
            ports.input(place).tensor().set_layout(Layout("NHWC"))
            ports.input(place).model().set_layout(Layout("NCHW"))
    for place, port in enumerate(network.outputs):
        if len(port.shape) == PICTURE:
            ports.output(place).model().set_layout(Layout("NCHW"))
            ports.output(place).tensor().set_layout(Layout("NHWC"))
    return ports.build()


class OpenVinoSession:
    """Pictures go in and come out as (N, C, H, W), of which the channels lie together in memory."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = compiled.outputs

    def run(self, inputs: Sequence[Array]) -> list[NDArray[np.float32]]:
        laid = {place: _laid(each) for place, each in enumerate(inputs)}
        answers = self._request.infer(laid, share_inputs=True, share_outputs=True)
        return [_lifted(answers[port]) for port in self._outputs]


def _laid(array: Array) -> Array:
    """(N, C, H, W) as (N, H, W, C): a copy only where the channels do not lie together yet."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)) if array.ndim == PICTURE else array


def _lifted(array: Array) -> Array:
    return array.transpose(0, 3, 1, 2) if array.ndim == PICTURE else array
