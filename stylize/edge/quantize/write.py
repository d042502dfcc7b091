"""Graphs as ONNX files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylize.edge.manifest import ExportPart
from stylize.edge.quantize.aimet import needs_aimet, quiet
from stylize.edge.quantize.compact import compact
from stylize.edge.quantize.graphs import Graph
from stylize.errors import MissingPart
from stylize.footage.outfile import temporary_folder
from stylize.storage.digests import digest_of
from stylize.system.dependencies import install_hint

OPSET = 21
"""The first with 16-bit quantized activations."""
MODEL = "model.onnx"
MAX_MESSAGE_BYTES = 2_000_000_000
"""A little less than protobuf's limit."""
TRACED_LATENTS = (32, 48)
"""Height and width to trace with where sizes stay open: small, not square, divisible by every level."""


def write_part(
    folder: Path, graph: Graph, sim: Any | None, latents: tuple[int, int], *, fixed: bool, encodings: bool
) -> ExportPart:
    """Writes a graph as ONNX, in float or quantized, into a folder of its own name.

    Args:
        sim: the quantized graph; None writes it in float.
        latents: height and width at which its work is counted; with `fixed` the only ones that it will take.
        encodings: write beside it the float graph with AIMET's encodings, which Qualcomm's tools take.

    Raises:
        MissingPart: the package onnx is not installed.
    """
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise MissingPart("Exports need the package onnx.", hint=install_hint("edge")) from error
    place = folder / graph.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    example = graph.example(*(latents if fixed else TRACED_LATENTS))
    options: dict[str, Any] = {
        "input_names": [port.name for port in graph.inputs],
        "output_names": [port.name for port in graph.outputs],
        "opset_version": OPSET,
        "dynamo": False,
    }
    if not fixed:
        options["dynamic_axes"] = _dynamic_axes(graph)
    # Above 2 GB the exporters write many files, some of which nothing reads: so into a folder that is removed.
    with temporary_folder(folder, ".graph.") as scratch, quiet(), torch.no_grad():
        file = scratch / MODEL
        if sim is None:
            torch.onnx.export(graph.module, example, str(file), **options)
        else:
            # 32-bit biases go wrong in ONNX Runtime's optimizations: a network at 24 dB fell to 1 dB.
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
    return ExportPart(
        model=f"{graph.name}/{MODEL}",
        files={file.relative_to(folder).as_posix(): digest_of(file) for file in files},
        inputs=graph.inputs,
        outputs=graph.outputs,
        parameters=count,
        float_bytes=4 * count,
        gflop=_gflop(graph, latents),
    )


def _save(model: Any, file: Path) -> None:
    """Writes a model; its weights go into a second file where they are too large for one message."""
    import onnx

    is_large = sum(each.ByteSize() for each in model.graph.initializer) > MAX_MESSAGE_BYTES
    onnx.save(model, file, save_as_external_data=is_large, location=f"{MODEL}.data")


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
    """Floating-point operations of one call, in 1e9."""
    from torch.utils.flop_counter import FlopCounterMode

    example: tuple[Tensor, ...] = graph.example(*latents)
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        graph.module(*example)
    return int(counted.get_total_flops()) / 1e9
