"""Post-training quantization of a graph with AIMET: where numbers are rounded, and over which ranges."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from stylize.edge.quantize.graphs import Graph
from stylize.edge.targets import Target
from stylize.errors import MissingPart
from stylize.system.dependencies import install_hint

if TYPE_CHECKING:
    from stylize.edge.quantize.adaround import Rounded

HTP = "htp_v73"
"""Of the 8 Gen 2; later chips do all that it does."""
FEW_ROWS = 128
"""A product on fewer rows than this takes no time: its activations stay float. So the embeddings of time and prompt
are left alone, whose ranges no picture fills."""


def needs_aimet() -> Any:
    """The AIMET package.

    Raises:
        MissingPart: it is not here.
    """
    try:
        with quiet():
            import aimet_torch
            import aimet_torch.onnx
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"Quantization needs a package that is not here: {error.name}.",
            hint=install_hint("edge"),
        ) from error
    return aimet_torch


def simulate(
    graph: Graph,
    target: Target,
    calls: Iterable[tuple[Tensor, ...]],
    rounded: Rounded | None = None,
) -> Any:
    """A simulation of the graph as the target computes it, its ranges measured on `calls`.

    Args:
        calls: inputs as the pipeline gives them, one after another.
        rounded: the graph's network with learnt rounding; without it weights go to their nearest steps.

    Returns:
        aimet_torch's QuantizationSimModel.
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
            default_param_bw=target.weights or 8,
            default_output_bw=target.activations or 16,
            config_file=config_of(target),
        )
        if rounded:
            sim.load_encodings(rounded.encodings, partial=True, requires_grad=False, allow_overwrite=False)
        if not target.everywhere:
            _keep_compute(sim.model, _busy_layers(graph.module, first), target)

        def measure(model: nn.Module) -> None:
            model(*first)
            for call in calls:
                model(*call)

        if target.activations is None:
            sim.compute_encodings(lambda model: model(*first))
        else:
            sim.compute_encodings(measure)
    return sim


def config_of(target: Target) -> str | None:
    """AIMET's name for the integer rules of a chip; None where only what is fed to layers is quantized."""
    return HTP if target.everywhere else None


def layers_of(model: nn.Module) -> Iterator[tuple[str, Any]]:
    """The quantized convolutions and products of a simulation, by name."""
    from aimet_torch.nn import QuantizationMixin

    for name, module in model.named_modules():
        if isinstance(module, QuantizationMixin) and isinstance(module, nn.Conv2d | nn.Linear):
            yield name, module


def _keep_compute(model: nn.Module, busy: set[str], target: Target) -> None:
    """Weights, and what goes into convolutions and large products; everything between them is left float.

    That is where the time goes on processors; norms and activations fuse into what they feed.
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
        if target.activations is not None and name in busy:
            # SiLU's answers are small but for a few: the range that loses the least is four fifths of them all.
            module.input_quantizers[0] = QuantizeDequantize(
                (),
                target.activations,
                symmetric=False,
                encoding_analyzer=SqnrEncodingAnalyzer((), gamma=1.0),
            )


def _busy_layers(model: nn.Module, example: tuple[Tensor, ...]) -> set[str]:
    """Convolutions, and linear layers with many rows, as one call shows."""
    busy: set[str] = set()
    watches = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            rows = inputs[0].numel() // max(1, inputs[0].shape[-1])
            if isinstance(module, nn.Conv2d) or rows >= FEW_ROWS:
                busy.add(name)

        return hook

    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            watches.append(module.register_forward_pre_hook(note(name)))
    model(*example)
    for watch in watches:
        watch.remove()
    return busy


def keep_wide(graph: Graph, sim: Any, target: Target, names: Iterable[str]) -> None:
    """Takes the rounding off these layers: they compute in float, or where everything is an integer, with the
    activations' bits for weights."""
    from aimet_torch.quantization.affine import QuantizeDequantize

    chosen = set(names)
    for name, module in layers_of(sim.model):
        if name not in chosen:
            continue
        with torch.no_grad():  # which learnt rounding had put on steps
            module.weight.copy_(graph.module.get_submodule(name).weight)
        narrow = module.param_quantizers["weight"]
        if not target.everywhere:
            module.param_quantizers["weight"] = module.input_quantizers[0] = None
            continue
        # Not float: compilers for integer chips would round such weights to 8 bits by themselves.
        highest = 2 ** ((target.activations or 16) - 1)
        wide = QuantizeDequantize(narrow.shape, qmin=-highest, qmax=highest - 1, symmetric=True)
        with wide.compute_encodings():
            wide(module.weight)
        module.param_quantizers["weight"] = wide


@contextmanager
def quiet() -> Iterator[None]:
    """AIMET and torch's exporter say much that nobody can act on."""
    levels = {}
    for name in ("Quant", "Utils", "ConnectedGraph", "Torch", "aimet", "torch.onnx"):
        levels[name] = logging.getLogger(name).level
        logging.getLogger(name).setLevel(logging.CRITICAL)
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
