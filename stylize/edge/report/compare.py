"""The numbers of a report: frames, parts at every timestep, layers, and what a frame costs."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from stylize.diffusion.generator import DiffusionGenerator
from stylize.edge.engines import choose_engine, open_engine
from stylize.edge.generator import EdgeGenerator
from stylize.edge.manifest import Manifest
from stylize.edge.quantize.compare import FrameComparison, compare_frames, export_config
from stylize.edge.quantize.measure import plain, sqnr
from stylize.edge.quantize.reference import FloatReference
from stylize.edge.quantize.request import BuildRequest
from stylize.edge.quantize.sensitivity import LayerSensitivity, sensitivity
from stylize.edge.quantize.simulate import simulate
from stylize.edge.report.cost import FrameCost, frame_cost

JUDGED_PART = "unet"
"""The part whose layers a report lists."""
PART_CALLS = 12
"""A part is compared on at least this many of its recorded calls, if there are as many."""


@dataclass(frozen=True)
class PartFidelity:
    """A part's worst signal to noise, dB, compared with float, over the recorded calls at one timestep."""

    part: str
    timestep: float | None
    sqnr: float


@dataclass(frozen=True)
class Comparison:
    """Everything that a report says."""

    frames: FrameComparison
    parts: list[PartFidelity]
    layers: list[LayerSensitivity]
    cost: FrameCost
    float_cost: FrameCost


def compare(
    request: BuildRequest, reference: FloatReference, manifest: Manifest, with_layers: bool
) -> Comparison:
    """Compares the export in `request.out` with the float model, on held-out plates and recorded calls.

    Raises:
        ValueError: the request has no plates.
    """
    plate = request.require_plates().held_out[0]
    measures_layers = with_layers and request.quantization.activation_bits is not None
    return Comparison(
        compare_frames(request, reference, manifest),
        _compare_parts(request, reference, manifest),
        _compare_layers(request, reference) if measures_layers else [],
        frame_cost(EdgeGenerator.load, export_config(request), plate),
        frame_cost(DiffusionGenerator.load, request.config, plate),
    )


@torch.no_grad()
def _compare_parts(
    request: BuildRequest, reference: FloatReference, manifest: Manifest
) -> list[PartFidelity]:
    engine = open_engine(choose_engine("cpu", request.target))
    worst: dict[tuple[str, float | None], float] = {}
    for name, part in manifest.parts.items():
        session = None
        has_timestep = len(part.inputs) > 1 and part.inputs[1].name == "timestep"
        for call in reference.calls.of(name, max(1, reference.calls.count(name) // PART_CALLS)):
            inputs = [tensor.numpy() for tensor in call]
            if session is None:
                session = engine.load(request.out / part.model, [array.shape for array in inputs])
            outputs = session.run(inputs)
            exact = plain(reference.graphs[name].module(*call))
            near = min(sqnr(a, b) for a, b in zip(outputs, exact, strict=True))
            key = (name, float(call[1][0]) if has_timestep else None)
            worst[key] = min(near, worst.get(key, near))
    return [PartFidelity(name, timestep, round(near, 1)) for (name, timestep), near in worst.items()]


def _compare_layers(request: BuildRequest, reference: FloatReference) -> list[LayerSensitivity]:
    graph, calls = reference.graphs[JUDGED_PART], reference.calls
    count = calls.count(JUDGED_PART)
    sim = simulate(graph, request.quantization, calls.of(JUDGED_PART, max(1, count // 8)))
    return sensitivity(graph, sim, calls.with_continuations(JUDGED_PART, max(1, count - 1)))
