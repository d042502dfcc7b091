"""Graphs as ONNX files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylize.edge.build.compact import compact
from stylize.edge.build.graphs import Graph
from stylize.edge.build.quantize import needs_aimet, quiet
from stylize.edge.manifest import Part, digest_of
from stylize.errors import MissingPart

OPSET = 21
"""The first with 16-bit quantized activations."""
MODEL = "model.onnx"


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
        raise MissingPart("Exports need the package onnx.", hint="pip install 'stylize[edge]'") from error
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
    with quiet(), torch.no_grad():
        if sim is None:
            torch.onnx.export(graph.module, example, str(place / MODEL), **options)
        else:
            # 32-bit biases meet the runtime's optimizations badly: a network at 24 dB fell to 1 dB.
            needs_aimet().onnx.export(
                sim.model,
                example,
                str(place / MODEL),
                export_int32_bias=False,
                prequantize_constants=True,
                **options,
            )
        if encodings and sim is not None:
            (place / "qualcomm").mkdir()
            sim.onnx.export(example, str(place / "qualcomm" / MODEL), **options)
    written = onnx.load(place / MODEL, load_external_data=False)
    compact(written, halve=sim is not None)
    onnx.save(written, place / MODEL)
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
