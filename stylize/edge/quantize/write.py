"""Graphs as ONNX files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylize.edge.manifest import Part, digest_of
from stylize.edge.quantize.compact import compact
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.simulate import needs_aimet, quiet
from stylize.errors import MissingPart
from stylize.system.dependencies import install_hint

OPSET = 21
"""The first with 16-bit quantized activations."""
MODEL = "model.onnx"
LARGEST_MESSAGE = 2_000_000_000
"""Bytes, a little under what protobuf takes."""


def write_part(
    folder: Path, graph: Graph, sim: Any | None, latents: tuple[int, int], *, fixed: bool, encodings: bool
) -> Part:
    """Writes a graph, float or as its simulation has it, in a folder of its own.

    Args:
        sim: the quantized graph; None writes it in float.
        latents: height and width that its work is counted at, and its shapes are fixed to if `fixed`.
        encodings: write beside it the float graph with AIMET's encodings, which Qualcomm's tools take.
    """
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise MissingPart("Exports need the package onnx.", hint=install_hint("edge")) from error
    place = folder / graph.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    example = graph.example(*(latents if fixed else _small(graph)))
    options: dict[str, Any] = {
        "input_names": [port.name for port in graph.inputs],
        "output_names": [port.name for port in graph.outputs],
        "opset_version": OPSET,
        "dynamo": False,
    }
    if not fixed:
        options["dynamic_axes"] = _dynamic_axes(graph)
    # Past 2 GB exporters strew weights over many files, and leave float ones behind that nothing reads.
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as scratch, quiet(), torch.no_grad():
        file = Path(scratch) / MODEL
        if sim is None:
            torch.onnx.export(graph.module, example, str(file), **options)
        else:
            # 32-bit biases meet the runtime's optimizations badly: a network at 24 dB fell to 1 dB.
            needs_aimet().onnx.export(
                sim.model, example, str(file), export_int32_bias=False, prequantize_constants=True, **options
            )
        written = onnx.load(file)
        compact(written, halve=sim is not None)
        _save(written, place / MODEL)
    if encodings and sim is not None:
        with quiet(), torch.no_grad():
            (place / "qualcomm").mkdir()
            sim.onnx.export(example, str(place / "qualcomm" / MODEL), **options)
    files = sorted(file for file in place.rglob("*") if file.is_file())
    count = sum(each.numel() for each in graph.module.parameters())
    return Part(
        model=f"{graph.name}/{MODEL}",
        files={file.relative_to(folder).as_posix(): digest_of(file) for file in files},
        inputs=graph.inputs,
        outputs=graph.outputs,
        parameters=count,
        float_bytes=4 * count,
        gflop=_gflop(graph, latents),
    )


def _save(model: Any, file: Path) -> None:
    """Writes a model, its weights in a file beside it where one message cannot hold them."""
    import onnx

    is_large = sum(each.ByteSize() for each in model.graph.initializer) > LARGEST_MESSAGE
    onnx.save(model, file, save_as_external_data=is_large, location=f"{MODEL}.data")


def _small(graph: Graph) -> tuple[int, int]:
    """Latents to trace with where sizes stay open: small, oblong, divisible."""
    return (32, 48)


def _dynamic_axes(graph: Graph) -> dict[str, dict[int, str]]:
    axes = {}
    for port in (*graph.inputs, *graph.outputs):
        open_sides = {
            axis: side.replace("*", "_times_").replace("/", "_over_")
            for axis, side in enumerate(port.shape)
            if isinstance(side, str)
        }
        if open_sides:
            axes[port.name] = open_sides
    return axes


def _gflop(graph: Graph, latents: tuple[int, int]) -> float:
    """The work of one call, counted on weightless copies."""
    from torch.utils.flop_counter import FlopCounterMode

    example: tuple[Tensor, ...] = graph.example(*latents)
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        graph.module(*example)
    return int(counted.get_total_flops()) / 1e9
