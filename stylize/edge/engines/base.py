"""Engines by name, and which of them this machine has."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stylize.errors import MissingPart, UsageError
from stylize.system.dependencies import install_hint

Array = NDArray[Any]

PROVIDERS = {
    "onnxruntime": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "qnn": "QNNExecutionProvider",
}
"""Engines that are ONNX Runtime, and the execution provider of each."""
ENGINES = ("openvino", *PROVIDERS)


class Session(Protocol):
    """A network that is loaded for one size of picture."""

    def run(self, inputs: Sequence[Array]) -> list[NDArray[np.float32]]:
        """Inputs in the part's order; the answers may be overwritten by the next call."""


class Engine(Protocol):
    """Loads networks."""

    @property
    def name(self) -> str: ...

    def load(self, model: Path, shapes: Sequence[tuple[int, ...]]) -> Session:
        """Loads an ONNX file for inputs of these shapes."""


@dataclass(frozen=True)
class Found:
    """An engine, and why it cannot be used here (None: it can)."""

    name: str
    fault: str | None


def engines_here() -> list[Found]:
    """Every engine with what keeps it from running here; nothing is loaded but the packages themselves."""
    found = [
        Found("openvino", None if _is_installed("openvino") else "the package openvino is not installed")
    ]
    if not _is_installed("onnxruntime"):
        return found + [Found(name, "the package onnxruntime is not installed") for name in PROVIDERS]
    import onnxruntime

    present = onnxruntime.get_available_providers()
    for name, provider in PROVIDERS.items():
        lack = f"this onnxruntime has no {provider}: it has {', '.join(present)}"
        found.append(Found(name, None if provider in present else lack))
    return found


def choose_engine(device: str, target: str) -> str:
    """The engine for `--device`: 'auto' takes what is quick for the target, 'cpu' whatever runs on processors.

    On processors OpenVINO is the quicker one by two to one, but it computes 16-bit activations in float: ONNX
    Runtime runs exports for the NPU as they are.

    Raises:
        UsageError: nobody knows the device. MissingPart: it is not here.
    """
    faults = {each.name: each.fault for each in engines_here()}
    if device in ("auto", "cpu"):
        order = ["onnxruntime", "openvino"] if target == "htp-w8a16" else ["openvino", "onnxruntime"]
        if device == "auto":
            order = [*[name for name in ("qnn",) if target == "htp-w8a16"], *order]
        for name in order:
            if faults[name] is None:
                return name
        raise MissingPart("Neither OpenVINO nor ONNX Runtime is here.", hint=install_hint("edge"))
    if device not in ENGINES:
        raise UsageError(
            f"The edge runtime has no device called {device!r}.", hint=f"auto, cpu, {', '.join(ENGINES)}"
        )
    if faults[device] is not None:
        raise MissingPart(
            f"{device} cannot be used here: {faults[device]}.",
            hint="use --device cpu, or see: stylize doctor",
        )
    return device


def open_engine(name: str) -> Engine:
    """The engine of that name, one of `ENGINES`."""
    if name == "openvino":
        from stylize.edge.engines.openvino import OpenVino

        return OpenVino()
    from stylize.edge.engines.onnx import OnnxRuntime

    return OnnxRuntime(name, PROVIDERS[name])


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
