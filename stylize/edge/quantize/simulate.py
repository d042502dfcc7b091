"""Post-training quantization of a graph with AIMET: where numbers are rounded, and over which ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from stylize.edge.quantize.adaround import RoundedNetwork
from stylize.edge.quantize.aimet import needs_aimet, quiet
from stylize.edge.quantize.graphs import Graph
from stylize.edge.targets import QuantizationTarget

HTP = "htp_v73"
"""AIMET's name for the rules of the NPU in the Snapdragon 8 Gen 2; later ones support all of them."""
FEW_ROWS = 128
"""A product on fewer rows than this takes next to no time, so its activations stay float. Among them are the
embeddings of time and prompt, whose ranges cannot be measured on a few pictures."""


def simulate(
    graph: Graph,
    target: QuantizationTarget,
    calls: Iterable[tuple[Tensor, ...]],
    rounded: RoundedNetwork | None = None,
) -> Any:
    """A simulation of the graph as the target computes it, with ranges measured on `calls`.

    Args:
        calls: at least one call: the inputs that the pipeline gives to the graph.
        rounded: the graph's network with learned rounding; without it every weight is rounded to the nearest step.

    Returns:
        aimet_torch's QuantizationSimModel.

    Raises:
        MissingPart: AIMET is not installed.
    """
    needs_aimet()
    from aimet_torch.nn import QuantizationMixin
    from aimet_torch.quantsim import QuantizationSimModel

    calls = iter(calls)
    first = next(calls)
    with quiet(), torch.no_grad():
        QuantizationMixin.ignore_unknown_modules()  # they stay float
        sim = QuantizationSimModel(
            rounded.module if rounded else graph.module,
            first,
            default_param_bw=target.weight_bits or 8,
            default_output_bw=target.activation_bits or 16,
            config_file=config_of(target),
        )
        if rounded:
            sim.load_encodings(rounded.encodings, partial=True, requires_grad=False, allow_overwrite=False)
        if not target.integer_only:
            _quantize_inputs_only(sim.model, _costly_layers(graph.module, first), target)

        def measure(model: nn.Module) -> None:
            model(*first)
            for call in calls:
                model(*call)

        if target.activation_bits is None:
            sim.compute_encodings(lambda model: model(*first))
        else:
            sim.compute_encodings(measure)
    return sim


def config_of(target: QuantizationTarget) -> str | None:
    """AIMET's name for a chip's integer rules; None where only the inputs of layers are quantized."""
    return HTP if target.integer_only else None


def layers_of(model: nn.Module) -> Iterator[tuple[str, Any]]:
    """The quantized convolutions and products of a simulation, by name."""
    from aimet_torch.nn import QuantizationMixin

    for name, module in model.named_modules():
        if isinstance(module, QuantizationMixin) and isinstance(module, nn.Conv2d | nn.Linear):
            yield name, module


def _quantize_inputs_only(model: nn.Module, costly: set[str], target: QuantizationTarget) -> None:
    """Leaves quantizers on weights, and on what goes into convolutions and large products; takes off all others.

    On processors these operations take nearly all of the time; norms and activations are fused into them.
    """
    from aimet_torch.nn import QuantizationMixin
    from aimet_torch.quantization.affine import QuantizeDequantize
    from aimet_torch.quantization.encoding_analyzer import SqnrEncodingAnalyzer

    for name, module in model.named_modules():
        if not isinstance(module, QuantizationMixin):
            continue
        for quantizers in (module.input_quantizers, module.output_quantizers):
            for place in range(len(quantizers)):
                quantizers[place] = None
        if not isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
            for parameter in module.param_quantizers:
                module.param_quantizers[parameter] = None
            continue
        if "bias" in module.param_quantizers:
            module.param_quantizers["bias"] = None
        if target.activation_bits is not None and name in costly:
            # SiLU's outputs are small but for a few: the range with the least error is four fifths of theirs.
            module.input_quantizers[0] = QuantizeDequantize(
                (),
                target.activation_bits,
                symmetric=False,
                encoding_analyzer=SqnrEncodingAnalyzer((), gamma=1.0),
            )


def _costly_layers(model: nn.Module, example: tuple[Tensor, ...]) -> set[str]:
    """Convolutions, and linear layers that get at least `FEW_ROWS` rows in a call."""
    costly: set[str] = set()
    watches = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            rows = inputs[0].numel() // max(1, inputs[0].shape[-1])
            if isinstance(module, nn.Conv2d) or rows >= FEW_ROWS:
                costly.add(name)

        return hook

    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            watches.append(module.register_forward_pre_hook(note(name)))
    model(*example)
    for watch in watches:
        watch.remove()
    return costly


def keep_wide(graph: Graph, sim: Any, target: QuantizationTarget, names: Iterable[str]) -> None:
    """Takes the quantizers off these layers, so that they compute in float; for integer-only targets, gives their
    weights as many bits as activations have."""
    from aimet_torch.quantization.affine import QuantizeDequantize

    chosen = set(names)
    for name, module in layers_of(sim.model):
        if name not in chosen:
            continue
        with torch.no_grad():  # learned rounding had changed it
            module.weight.copy_(graph.module.get_submodule(name).weight)
        narrow = module.param_quantizers["weight"]
        if not target.integer_only:
            module.param_quantizers["weight"] = module.input_quantizers[0] = None
            continue
        # Float is no choice there: compilers for integer-only chips would round such weights to 8 bits.
        highest = 2 ** ((target.activation_bits or 16) - 1)
        wide = QuantizeDequantize(narrow.shape, qmin=-highest, qmax=highest - 1, symmetric=True)
        with wide.compute_encodings():
            wide(module.weight)
        module.param_quantizers["weight"] = wide
