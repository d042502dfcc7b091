"""The engines by name: which of them this machine has, and which one runs an export."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from stylize.edge.engines.base import Engine
from stylize.errors import MissingPart, UsageError
from stylize.system.dependencies import install_hint

PROVIDERS = {
    "onnxruntime": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "qnn": "QNNExecutionProvider",
}
"""Engines that are ONNX Runtime, and the execution provider of each."""
ENGINES = ("openvino", *PROVIDERS)


@dataclass(frozen=True)
class EngineStatus:
    """An engine's name, and why it cannot be used on this machine; None where it can."""

    name: str
    fault: str | None


def engines_here() -> list[EngineStatus]:
    """The status of every engine on this machine; imports onnxruntime where it is installed, loads no network."""
    return [EngineStatus(name, _fault_of(name)) for name in ENGINES]


def _fault_of(name: str) -> str | None:
    """Why an engine cannot be used; ONNX Runtime is imported only where it is asked for its providers."""
    package = "openvino" if name == "openvino" else "onnxruntime"
    if not _is_installed(package):
        return f"the package {package} is not installed"
    if name == "openvino":
        return None
    import onnxruntime

    present, provider = onnxruntime.get_available_providers(), PROVIDERS[name]
    if provider in present:
        return None
    return f"this onnxruntime has no {provider}: it has {', '.join(present)}"


def choose_engine(device: str, target: str) -> str:
    """The name of the engine for `--device`, one of `ENGINES`.

    On processors OpenVINO is twice as fast as ONNX Runtime, but it computes 16-bit activations in float, so exports
    for the NPU (`htp-w8a16`) run in ONNX Runtime, which computes them as they are written.

    Args:
        device: an engine's name; 'cpu' for the best one on processors; 'auto' for that, or the NPU where the
            target is made for it.
        target: the export's target.

    Raises:
        UsageError: an unknown device. MissingPart: the engine is not installed here.
    """
    if device in ("auto", "cpu"):
        order = ["openvino", "onnxruntime"]
        if target == "htp-w8a16":
            order = ["onnxruntime", "openvino"] if device == "cpu" else ["qnn", "onnxruntime", "openvino"]
        for name in order:
            if _fault_of(name) is None:
                return name
        raise MissingPart("Neither OpenVINO nor ONNX Runtime is here.", hint=install_hint("edge"))
    if device not in ENGINES:
        raise UsageError(
            f"The edge runtime has no device called {device!r}.", hint=f"auto, cpu, {', '.join(ENGINES)}"
        )
    fault = _fault_of(device)
    if fault is not None:
        raise MissingPart(
            f"{device} cannot be used here: {fault}.",
            hint="use --device cpu, or see: stylize doctor",
        )
    return device


def open_engine(name: str) -> Engine:
    """The engine of that name, one of `ENGINES`.

    Raises:
        MissingPart: its package is not on this machine, as it may be on the one that planned the run.
    """
    if name in ENGINES and not _is_installed("openvino" if name == "openvino" else "onnxruntime"):
        title = "OpenVINO" if name == "openvino" else "ONNX Runtime"
        raise MissingPart(
            f"These frames are drawn with {title}, which is not installed on this machine.",
            hint=install_hint() if name == "openvino" else install_hint("edge"),
        )
    if name == "openvino":
        from stylize.edge.engines.openvino import OpenVino

        return OpenVino()
    from stylize.edge.engines.onnx import OnnxRuntime

    return OnnxRuntime(name, PROVIDERS[name])


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
