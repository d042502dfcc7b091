"""Which layers bring the most noise when they are quantized, so that those can be kept wide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from stylize.edge.quantize.calls import Call, Continuation
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.measure import plain
from stylize.edge.quantize.simulate import layers_of

MAX_SEARCH_WORK = 1e13
"""Multiplications that a search may take, a few minutes' worth. Time is no limit to go by: the result would
depend on how busy the machine is."""
NARROW_BITS = 8
WEIGHT_NOISE_SHARE = 1 / 20
"""How much of its noise counts for a weight beside 8-bit activations. At 38 dB from float a network with 8-bit
weights flickered 1.18 times as much, at 43 dB one with 8-bit activations 2.16 times."""


@dataclass(frozen=True)
class LayerSensitivity:
    """How much one layer of a part matters: the noise that its quantization alone brings into what the part is
    judged by, as signal to noise, dB, and its share of the part's work."""

    part: str
    name: str
    sqnr: float
    work: float

    @property
    def noise(self) -> float:
        """The noise's power as a share of the signal's."""
        return float(10 ** (-self.sqnr / 10))


@torch.no_grad()
def sensitivity(graph: Graph, sim: Any, calls: Iterable[tuple[Call, Continuation]]) -> list[LayerSensitivity]:
    """Quantizes one layer at a time and measures the error of the output.

    Where a layer's inputs are rounded to 8 bits, the noise of its weights counts for a twentieth: it is the same in
    every frame, so that much less of it flickers.

    Args:
        calls: each with the function that leads from the graph's output to what is judged.

    Returns:
        Every layer whose activations are quantized, or, where only weights are, whose weights are; most noise
        first.
    """
    calls = list(calls)
    truths = [plain(continuation(graph.module(*call))) for call, continuation in calls]
    signal = sum(float(np.square(each).mean()) for truth in truths for each in truth)
    quantized = _quantized_layers(sim)
    work = _work(dict(quantized), lambda: sim.model(*calls[0][0]))
    total = sum(work.values())

    def noise_now() -> float:
        noise = 0.0
        for (call, continuation), truth in zip(calls, truths, strict=True):
            outputs = plain(continuation(sim.model(*call)))
            noise += sum(float(np.square(a - b).mean()) for a, b in zip(outputs, truth, strict=True))
        return noise

    layers = []
    has_narrow_inputs = {name for name, module in quantized if _has_narrow_inputs(module)}
    with _all_off(sim.model) as switch:
        for name, module in quantized:
            switch(module, True)
            noise = noise_now()
            if name in has_narrow_inputs:
                switch(module, True, weights=False)
                input_noise = noise_now()
                noise = input_noise + WEIGHT_NOISE_SHARE * max(0.0, noise - input_noise)
            switch(module, False)
            decibels = round(10 * float(np.log10(signal / max(noise, 1e-20))), 2)
            layers.append(LayerSensitivity(graph.name, name, decibels, work[name] / total))
    return sorted(layers, key=lambda layer: layer.sqnr)


def layers_to_keep_wide(
    graph: Graph, sim: Any, calls: Iterable[tuple[Call, Continuation]], budget_db: float
) -> list[str]:
    """The names of the layers to keep wide, so that the noise of all others stays within a budget.

    The noises of layers are taken to be independent, so they add up. Layers that bring the most noise for their
    work are kept wide first. Measuring a layer takes a run of the network, so one that is slow to run is not
    searched: there it is the last convolution, because no layer behind it averages its noise.

    Args:
        budget_db: the least signal to noise, with all other layers quantized.
    """
    calls = list(calls)
    quantized = _quantized_layers(sim)
    if _judging_work(graph, *calls[0]) * len(quantized) * len(calls) > MAX_SEARCH_WORK:
        return [name for name, module in quantized if isinstance(module, nn.Conv2d)][-1:]
    return within_budget(sensitivity(graph, sim, calls), budget_db)


def within_budget(layers: Sequence[LayerSensitivity], budget_db: float) -> list[str]:
    """The names of the layers to keep wide; see `layers_to_keep_wide`."""
    noise = sum(layer.noise for layer in layers)
    wide = []
    for layer in sorted(layers, key=lambda layer: layer.noise / layer.work, reverse=True):
        if noise <= 10 ** (-budget_db / 10):
            break
        wide.append(layer.name)
        noise -= layer.noise
    return wide


@torch.no_grad()
def _judging_work(graph: Graph, call: Call, continuation: Continuation) -> float:
    """The multiplications from a call to what is judged, other networks' included."""
    with FlopCounterMode(display=False) as counted:
        continuation(graph.module(*call))
    return counted.get_total_flops() / 2


def _work(layers: Mapping[str, nn.Module], call: Callable[[], Any]) -> dict[str, float]:
    """Every layer's multiplications in one call."""
    counted: dict[str, float] = {}

    def note(name: str) -> Any:
        def hook(module: Any, inputs: Any, output: Tensor) -> None:
            places = output.numel() / module.weight.shape[0]
            counted[name] = counted.get(name, 0.0) + places * module.weight.numel()

        return hook

    watches = [module.register_forward_hook(note(name)) for name, module in layers.items()]
    try:
        call()
    finally:
        for watch in watches:
            watch.remove()
    return counted


def _quantized_layers(sim: Any) -> list[tuple[str, Any]]:
    """Convolutions and linear layers with quantized inputs or outputs; all of them where only weights are."""
    layers = list(layers_of(sim.model))
    with_activations = [
        (name, module)
        for name, module in layers
        if any(each is not None for each in (*module.input_quantizers, *module.output_quantizers))
    ]
    return with_activations or layers


def _has_narrow_inputs(module: Any) -> bool:
    return any(each is not None and each.bitwidth <= NARROW_BITS for each in module.input_quantizers)


@contextmanager
def _all_off(model: nn.Module) -> Iterator[Any]:
    """Takes all quantizers off, and gives a function that switches those of one module on and off."""
    from aimet_torch.nn import QuantizationMixin

    kept: dict[nn.Module, tuple[list[Any], list[Any], dict[str, Any]]] = {}
    for module in model.modules():
        if isinstance(module, QuantizationMixin):
            kept[module] = (
                list(module.input_quantizers), list(module.output_quantizers), dict(module.param_quantizers.items())
            )  # fmt: skip

    def switch(module: Any, is_on: bool, *, weights: bool = True) -> None:
        inputs, outputs, parameters = kept[module]
        for place, quantizer in enumerate(inputs):
            module.input_quantizers[place] = quantizer if is_on else None
        for place, quantizer in enumerate(outputs):
            module.output_quantizers[place] = quantizer if is_on else None
        for name, quantizer in parameters.items():
            module.param_quantizers[name] = quantizer if is_on and weights else None

    for module in kept:
        switch(module, False)
    try:
        yield switch
    finally:
        for module in kept:
            switch(module, True)
