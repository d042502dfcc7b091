"""The numbers of a report: parts at every timestep, layers, frames, time."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from stylize.edge.engines import choose_engine
from stylize.edge.engines.base import open_engine
from stylize.edge.manifest import Manifest, Metrics
from stylize.edge.quantize.build import Order, Source, draw_with, look_of
from stylize.edge.quantize.measure import effect_ratios, flicker_ratio, frame_metrics, plain, sqnr
from stylize.edge.quantize.sensitivity import Layer, sensitivity
from stylize.edge.quantize.simulate import simulate
from stylize.edge.report.cost import Cost, cost_of
from stylize.edge.targets import TARGETS
from stylize.footage.clip import Pixels

LAYERS_OF = "unet"


@dataclass(frozen=True)
class AtTimestep:
    """A part's signal to noise beside float, dB, its worst answer over the recorded calls at one timestep."""

    part: str
    timestep: float | None
    sqnr: float


@dataclass(frozen=True)
class Comparison:
    """Everything that a report says."""

    metrics: Metrics
    parts: list[AtTimestep]
    layers: list[Layer]
    drawn: list[Pixels]
    cost: Cost
    float_cost: Cost


def compare(order: Order, source: Source, manifest: Manifest, with_layers: bool) -> Comparison:
    """Holds an export against the model it was made from, on the order's held-out frames and recorded calls."""
    assert order.plates is not None, "a report compares on footage"
    target, plates = TARGETS[order.target], order.plates.held_out
    drawn = draw_with(order.config, order.out, target, plates)
    with torch.no_grad():
        nothing = source.graphs["text_encoder"].module(source.recording.tokens[-1])
    engine = choose_engine("cpu", target.name)
    ratios = effect_ratios(order.out, manifest, engine, source.graphs, source.calls, nothing)
    flicker = flicker_ratio(drawn, source.truth, plates)
    return Comparison(
        frame_metrics(drawn, source.truth, ratios, flicker),
        _parts(order, source, manifest),
        _layers(order, source) if with_layers and target.activations is not None else [],
        drawn,
        cost_of(look_of(order.config, order.out, target), plates[0]),
        cost_of(order.config, plates[0]),
    )


@torch.no_grad()
def _parts(order: Order, source: Source, manifest: Manifest) -> list[AtTimestep]:
    engine = open_engine(choose_engine("cpu", order.target))
    worst: dict[tuple[str, float | None], float] = {}
    for name, part in manifest.parts.items():
        session = None
        has_timestep = len(part.inputs) > 1 and part.inputs[1].name == "timestep"
        for call in source.calls.of(name, max(1, source.calls.count(name) // 12)):
            inputs = [each.numpy() for each in call]
            session = session or engine.load(order.out / part.model, [each.shape for each in inputs])
            answers = session.run(inputs)
            truth = plain(source.graphs[name].module(*call))
            near = min(sqnr(a, b) for a, b in zip(answers, truth, strict=True))
            key = (name, float(call[1][0]) if has_timestep else None)
            worst[key] = min(near, worst.get(key, near))
    return [AtTimestep(name, timestep, round(near, 1)) for (name, timestep), near in worst.items()]


def _layers(order: Order, source: Source) -> list[Layer]:
    graph, count = source.graphs[LAYERS_OF], source.calls.count(LAYERS_OF)
    sim = simulate(graph, TARGETS[order.target], source.calls.of(LAYERS_OF, max(1, count // 8)))
    return sensitivity(graph, sim, source.calls.onward(LAYERS_OF, max(1, count - 1)))
