"""Which layers lose the most when they are quantized, so that those can be kept wide."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from stylize.edge.build.graphs import Graph
from stylize.edge.build.measure import plain
from stylize.edge.build.quantize import layers_of

MOST = 0.15
"""Of all layers, the share that may be kept wide."""
PATIENCE_S = 90.0
"""For the search, reckoned from one call."""


@dataclass(frozen=True)
class Layer:
    """A layer of a part, and the noise that it alone brings into the part's answer, as signal to noise, dB."""

    part: str
    name: str
    sqnr: float


@torch.no_grad()
def sensitivity(graph: Graph, sim: Any, calls: Iterable[tuple[Tensor, ...]]) -> list[Layer]:
    """Quantizes one layer at a time, weights and what goes in, and looks at what the part answers.

    Returns:
        Every layer whose activations are quantized, the worst first.
    """
    calls = list(calls)
    truths = [plain(graph.module(*call)) for call in calls]
    signal = sum(float(np.square(each).mean()) for truth in truths for each in truth)
    layers = []
    rounded = _rounded(sim)
    with _all_off(sim.model) as switches:
        for name, module in rounded:
            switches(module, True)
            noise = 0.0
            for call, truth in zip(calls, truths, strict=True):
                answers = plain(sim.model(*call))
                noise += sum(float(np.square(a - b).mean()) for a, b in zip(answers, truth, strict=True))
            switches(module, False)
            layers.append(Layer(graph.name, name, round(10 * float(np.log10(signal / max(noise, 1e-20))), 2)))
    return sorted(layers, key=lambda layer: layer.sqnr)


def worst_layers(graph: Graph, sim: Any, calls: Iterable[tuple[Tensor, ...]], limit_db: float) -> list[str]:
    """The layers to keep wide: those that alone bring the answer's signal to noise under `limit_db`.

    Each layer costs a call, so a network that is slow to call is not searched: there it is the last convolution,
    whose rounding nothing behind it evens out.
    """
    calls = list(calls)
    began = time.perf_counter()
    with torch.no_grad():
        for call in calls:
            sim.model(*call)
    names = [name for name, _ in _rounded(sim)]
    if (time.perf_counter() - began) * len(names) > PATIENCE_S:
        convolutions = [name for name, module in layers_of(sim.model) if isinstance(module, nn.Conv2d)]
        return convolutions[-1:]
    found = sensitivity(graph, sim, calls)
    return [layer.name for layer in found if layer.sqnr < limit_db][: max(1, round(len(names) * MOST))]


def _rounded(sim: Any) -> list[tuple[str, Any]]:
    """The convolutions and products whose inputs or answers are rounded."""
    return [
        (name, module)
        for name, module in layers_of(sim.model)
        if any(each is not None for each in (*module.input_quantizers, *module.output_quantizers))
    ]


@contextmanager
def _all_off(model: nn.Module) -> Iterator[Any]:
    """No quantizer acts but those of the layers that are switched on."""
    from aimet_torch.nn import QuantizationMixin

    kept: dict[nn.Module, tuple[list[Any], list[Any], dict[str, Any]]] = {}
    for module in model.modules():
        if isinstance(module, QuantizationMixin):
            kept[module] = (
                list(module.input_quantizers), list(module.output_quantizers), dict(module.param_quantizers.items())
            )  # fmt: skip

    def switch(module: Any, is_on: bool) -> None:
        inputs, outputs, parameters = kept[module]
        for place, quantizer in enumerate(inputs):
            module.input_quantizers[place] = quantizer if is_on else None
        for place, quantizer in enumerate(outputs):
            module.output_quantizers[place] = quantizer if is_on else None
        for name, quantizer in parameters.items():
            module.param_quantizers[name] = quantizer if is_on else None

    for module in kept:
        switch(module, False)
    try:
        yield switch
    finally:
        for module in kept:
            switch(module, True)
