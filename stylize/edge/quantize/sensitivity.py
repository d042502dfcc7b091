"""Which layers lose the most when they are quantized, so that those can be kept wide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from stylize.edge.quantize.calls import Call, Onward
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.measure import plain
from stylize.edge.quantize.simulate import layers_of

PATIENCE = 1e13
"""Multiplications that a search may take: a few minutes. Counted, for a busy machine must find the same."""


NARROW = 8
"""Bits."""
OF_WEIGHTS = 1 / 20
"""The share of weights' noise that counts as noise of activations does: at 38 dB from float a network with 8-bit
weights flickered 1.18 times as much, at 43 dB with 8-bit activations 2.16 times."""


@dataclass(frozen=True)
class Layer:
    """A layer of a part: its share of the part's work, and the noise that it alone brings into what the part leads
    to, as signal to noise, dB."""

    part: str
    name: str
    sqnr: float
    work: float

    @property
    def noise(self) -> float:
        """Its power beside the signal's."""
        return float(10 ** (-self.sqnr / 10))


@torch.no_grad()
def sensitivity(graph: Graph, sim: Any, calls: Iterable[tuple[Call, Onward]]) -> list[Layer]:
    """Quantizes one layer at a time and looks at what comes of it.

    Where what goes in is rounded to 8 bits, the rounding of weights counts for a twentieth: it is the same in every
    frame, and that much less of it flickers.

    Args:
        calls: each with the way from the part's answer to what is judged.

    Returns:
        Every layer whose activations are quantized, or whose weights are where only those are, the worst first.
    """
    calls = list(calls)
    truths = [plain(onward(graph.module(*call))) for call, onward in calls]
    signal = sum(float(np.square(each).mean()) for truth in truths for each in truth)
    rounded = _rounded(sim)
    narrow = {name for name, module in rounded if _is_fed_narrow(module)}
    work = _work(dict(rounded), lambda: sim.model(*calls[0][0]))
    total = sum(work.values())

    def judged() -> float:
        noise = 0.0
        for (call, onward), truth in zip(calls, truths, strict=True):
            answers = plain(onward(sim.model(*call)))
            noise += sum(float(np.square(a - b).mean()) for a, b in zip(answers, truth, strict=True))
        return noise

    layers = []
    with _all_off(sim.model) as switches:
        for name, module in rounded:
            switches(module, True)
            noise = judged()
            if name in narrow:
                switches(module, True, weights=False)
                of_inputs = judged()
                noise = of_inputs + OF_WEIGHTS * max(0.0, noise - of_inputs)
            switches(module, False)
            decibels = round(10 * float(np.log10(signal / max(noise, 1e-20))), 2)
            layers.append(Layer(graph.name, name, decibels, work[name] / total))
    return sorted(layers, key=lambda layer: layer.sqnr)


def worst_layers(graph: Graph, sim: Any, calls: Iterable[tuple[Call, Onward]], budget_db: float) -> list[str]:
    """The layers to keep wide, so that the noise of the others stays under a budget at the least work.

    Rounding in one layer knows nothing of that in another, so their noises add up. Those that bring the most noise
    for their work are taken first. Each layer costs a call, so a network that is slow to judge is not searched:
    there it is the last convolution, whose rounding nothing behind it evens out.

    Args:
        budget_db: signal to noise that all others together may come to.
    """
    calls = list(calls)
    rounded = _rounded(sim)
    if _judging_work(graph, *calls[0]) * len(rounded) * len(calls) > PATIENCE:
        return [name for name, module in rounded if isinstance(module, nn.Conv2d)][-1:]
    return within_budget(sensitivity(graph, sim, calls), budget_db)


def within_budget(layers: Sequence[Layer], budget_db: float) -> list[str]:
    """The names of the layers to keep wide; see `worst_layers`."""
    left = sum(layer.noise for layer in layers)
    wide = []
    for layer in sorted(layers, key=lambda layer: layer.noise / layer.work, reverse=True):
        if left <= 10 ** (-budget_db / 10):
            break
        wide.append(layer.name)
        left -= layer.noise
    return wide


@torch.no_grad()
def _judging_work(graph: Graph, call: Call, onward: Onward) -> float:
    """The multiplications between a call and what is judged, other networks' included."""
    with FlopCounterMode(display=False) as counted:
        onward(graph.module(*call))
    return counted.get_total_flops() / 2


def _work(layers: Mapping[str, nn.Module], call: Callable[[], Any]) -> dict[str, float]:
    """Every layer's multiplications in one call."""
    counted: dict[str, float] = {}

    def note(name: str) -> Any:
        def hook(module: Any, inputs: Any, answer: Tensor) -> None:
            places = answer.numel() / module.weight.shape[0]
            counted[name] = counted.get(name, 0.0) + places * module.weight.numel()

        return hook

    watches = [module.register_forward_hook(note(name)) for name, module in layers.items()]
    try:
        call()
    finally:
        for watch in watches:
            watch.remove()
    return counted


def _rounded(sim: Any) -> list[tuple[str, Any]]:
    """The convolutions and products whose inputs or answers are rounded; all of them where only weights are."""
    layers = list(layers_of(sim.model))
    acting = [
        (name, module)
        for name, module in layers
        if any(each is not None for each in (*module.input_quantizers, *module.output_quantizers))
    ]
    return acting or layers


def _is_fed_narrow(module: Any) -> bool:
    return any(each is not None and each.bitwidth <= NARROW for each in module.input_quantizers)


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
