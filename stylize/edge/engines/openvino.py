"""OpenVINO on processors."""

from __future__ import annotations

import importlib.metadata as metadata
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.edge.engines import products
from stylize.edge.engines.base import Array
from stylize.edge.engines.compiled import compiled, compiled_name
from stylize.edge.engines.rewrite import PICTURE_AXES, rewrite
from stylize.errors import ModelError
from stylize.system.machine import usable_cores


class OpenVino:
    """Reads the ONNX file itself and turns its quantized convolutions and products into integer kernels."""

    name = "openvino"

    @cached_property
    def _core(self) -> Any:
        import openvino

        return openvino.Core()

    def __init__(self) -> None:
        self._begin = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        """Held while the network of that name is loaded: whoever wants the same one next finds it compiled."""

    def load(
        self, model: Path, shapes: Sequence[tuple[int, ...]], threads: int | None = None
    ) -> OpenVinoSession:
        with self._begin:
            core, exact = self._core, products.are_exact()
        # OpenVINO would compute in bf16 where the processor can: on narrow networks that is 70 dB worse and no
        # faster.
        options = {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads or usable_cores(),
            "ENABLE_CPU_PINNING": False,  # otherwise all networks of one thread share the first core
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # otherwise it rounds the inputs of 8-bit products by itself
            "LP_TRANSFORMS_MODE": exact,  # else rounded values are multiplied in fp32
        }
        name = compiled_name(model, list(shapes), options, metadata.version("openvino"))

        def compile_anew() -> Any:
            network = core.read_model(model)
            # Inputs are matched by position, because its front end renames them.
            network.reshape({port: list(shape) for port, shape in zip(network.inputs, shapes, strict=True)})
            rewrite(network)
            return core.compile_model(_channels_last(network), "CPU", options)

        try:
            with self._begin:
                turn = self._turns.setdefault(name, threading.Lock())
            with turn:
                return OpenVinoSession(compiled(core, model, name, options, compile_anew))
        except RuntimeError as error:
            first = next((line for line in str(error).splitlines() if line.strip()), "no reason is given")
            raise ModelError(
                f"OpenVINO cannot load this network: {first}", where=model, hint="try: --device onnxruntime"
            ) from error


def _channels_last(network: Any) -> Any:
    """The network with channels-last pictures as inputs and outputs, which is how its kernels hold them.

    Transposing them between one network and the next took a third of a ControlNet's time.
    """
    from openvino import Layout
    from openvino.preprocess import PrePostProcessor

    ports = PrePostProcessor(network)
    for place, port in enumerate(network.inputs):
        if len(port.shape) == PICTURE_AXES:
            ports.input(place).tensor().set_layout(Layout("NHWC"))
            ports.input(place).model().set_layout(Layout("NCHW"))
    for place, port in enumerate(network.outputs):
        if len(port.shape) == PICTURE_AXES:
            ports.output(place).model().set_layout(Layout("NCHW"))
            ports.output(place).tensor().set_layout(Layout("NHWC"))
    return ports.build()


class OpenVinoSession:
    """Takes and gives pictures as (N, C, H, W) arrays with channels-last memory layout."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = compiled.outputs

    def run(self, inputs: Sequence[Array]) -> list[NDArray[np.float32]]:
        arrays = {place: _to_nhwc(each) for place, each in enumerate(inputs)}
        outputs = self._request.infer(arrays, share_inputs=True, share_outputs=True)
        return [_to_nchw(outputs[port]) for port in self._outputs]


def _to_nhwc(array: Array) -> Array:
    """(N, C, H, W) as contiguous (N, H, W, C); copies only if the memory layout is another."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)) if array.ndim == PICTURE_AXES else array


def _to_nchw(array: Array) -> Array:
    return array.transpose(0, 3, 1, 2) if array.ndim == PICTURE_AXES else array
