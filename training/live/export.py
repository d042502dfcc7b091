"""Writes a trained network as a live model: ONNX in float and INT8, the weights as safetensors, and the
manifest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from stylize.edge.live.manifest import (
    MEASURED_SIDE,
    NAME,
    LiveFile,
    LiveManifest,
    LiveMetrics,
    Precision,
    write_live_manifest,
)
from stylize.edge.manifest import ExportPart, Port
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.sensitivity import layers_to_keep_wide
from stylize.edge.quantize.simulate import keep_wide, simulate
from stylize.edge.quantize.write import write_part
from stylize.edge.targets import TARGETS
from stylize.footage.outfile import temporary_folder
from stylize.storage.digests import digest_of
from training.edge.touch_up import touch_up
from training.live.crops import PairSet, cut_crop
from training.live.network import GRID, plain_network
from training.live.recipe import TrainedNetwork

FILES: dict[Precision, str] = {"float": "float.onnx", "int8": "int8.onnx"}
WEIGHTS = "weights.safetensors"
SHORT_SIDE = 512
"""The size at which live models draw by default, px: the middle of the scales that they are trained at."""
CALIBRATION_CROPS, CALIBRATION_SIDE = 16, 192
NOISE_BUDGET_DB = 36.0
"""The noise that the quantized layers may bring into the drawing, as signal to noise, dB."""
TOUCH_UP_STEPS = 40
LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class LiveFacts:
    """What a manifest tells besides its files: whose look it is, and how it was learnt."""

    style: str
    network: TrainedNetwork
    teacher: str
    steps: int
    pairs: int
    version: int = 1
    licence: str = LICENCE


def export_live(
    network: nn.Module,
    facts: LiveFacts,
    pairs: PairSet,
    out: Path,
    metrics: LiveMetrics | None = None,
    say: Callable[[str], None] = lambda words: None,
    touch_up_steps: int = TOUCH_UP_STEPS,
) -> LiveManifest:
    """Writes the model into the folder `out`, the manifest last.

    Args:
        network: as it was trained.
        pairs: the INT8 network's ranges are measured on crops of these.
        touch_up_steps: in which the INT8 network is trained to give what the float one gives.

    Raises:
        MissingPart: AIMET or onnx is not installed.
    """
    plain = plain_network(network)
    graph = _graph(plain)
    out.mkdir(parents=True, exist_ok=True)
    (out / NAME).unlink(missing_ok=True)  # a folder without a manifest is no model until all of it is there
    calls = calibration_calls(pairs)
    say("measure the ranges of the INT8 network")
    sim = quantize(graph, calls, touch_up_steps, say)
    parts = {
        "float": write_graph(graph, None, out / FILES["float"]),
        "int8": write_graph(graph, sim, out / FILES["int8"]),
    }
    save_file(plain.state_dict(), out / WEIGHTS)
    manifest = LiveManifest(
        style=facts.style,
        network=facts.network,
        version=facts.version,
        licence=facts.licence,
        teacher=facts.teacher,
        short_side=SHORT_SIDE,
        grid=GRID,
        parameters=parts["float"].parameters,
        gflop=round(parts["float"].gflop, 3),
        steps=facts.steps,
        pairs=facts.pairs,
        files={precision: listed(out / name) for precision, name in FILES.items()},
        metrics=metrics,
    )
    write_live_manifest(out, manifest)
    return manifest


def calibration_calls(pairs: PairSet) -> list[tuple[Tensor]]:
    """Crops of the pairs' frames, as the network takes them: from all of them, evenly."""
    pool = [*pairs.taught, *pairs.rendered]
    rng = np.random.default_rng(0)
    chosen = np.linspace(0, len(pool) - 1, min(len(pool), CALIBRATION_CROPS)).round().astype(int)
    crops = [cut_crop(pool[at], CALIBRATION_SIDE, 1.0, rng)[0] for at in chosen]
    return [(torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1)))[None],) for crop in crops]


def quantize(
    graph: Graph, calls: Sequence[tuple[Tensor]], touch_up_steps: int, say: Callable[[str], None]
) -> nn.Module:
    """The network as a processor computes it in INT8: ranges from `calls`, the layers that bring the most noise
    kept in float, weights trained a little to give what the float network gives."""
    target = TARGETS["cpu-int8"]
    sim = simulate(graph, target, calls)
    wide = layers_to_keep_wide(
        graph, sim, [(call, lambda output: output) for call in calls[:4]], NOISE_BUDGET_DB
    )
    keep_wide(graph, sim, target, wide)
    say(f"kept in float: {', '.join(wide) or 'no layer'}")
    if len(calls) > 1 and touch_up_steps:
        say(str(touch_up(sim.model, graph.module, lambda: iter(calls), touch_up_steps)))
    return sim


def _graph(plain: nn.Module) -> Graph:
    picture = Port(name="picture", shape=(1, 3, f"height*{GRID}", f"width*{GRID}"))
    return Graph("live", plain, (picture,), (picture.model_copy(update={"name": "drawing"}),))


def write_graph(graph: Graph, sim: object | None, file: Path, grid: int = GRID) -> ExportPart:
    """Writes a graph as one ONNX file, in float or as `sim` computes it.

    Args:
        grid: what the sides of its input are multiples of, px; its work is counted at `MEASURED_SIDE`.
    """
    side = MEASURED_SIDE // grid
    with temporary_folder(file.parent, ".graph.") as scratch:
        part = write_part(scratch, graph, sim, (side, side), fixed=False, encodings=False)
        shutil.move(str(scratch / part.model), file)
    return part


def listed(file: Path) -> LiveFile:
    """A file as a manifest names it."""
    return LiveFile(name=file.name, sha256=digest_of(file), bytes=file.stat().st_size)
