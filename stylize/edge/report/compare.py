"""The numbers of a report: parts at every timestep, layers, frames, time."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from stylize.edge.build.build import Order, Source, draw_with
from stylize.edge.build.measure import effect_ratios, flicker_ratio, frame_metrics, plain, sqnr
from stylize.edge.build.quantize import simulate
from stylize.edge.build.sensitivity import Layer, sensitivity
from stylize.edge.engines import choose_engine
from stylize.edge.engines.base import open_engine
from stylize.edge.manifest import Manifest, Metrics
from stylize.edge.targets import TARGETS
from stylize.footage.clip import Pixels, Shot

LAYERS_OF = "unet"


@dataclass(frozen=True)
class AtTimestep:
    """A part's signal to noise beside float, dB, its worst answer over the recorded calls at one timestep."""

    part: str
    timestep: float | None
    sqnr: float


@dataclass(frozen=True)
class Comparison:
    """Everything that a report says. Seconds are of one frame each, after a first one."""

    metrics: Metrics
    parts: list[AtTimestep]
    layers: list[Layer]
    drawn: list[Pixels]
    seconds: float
    float_seconds: float


def compare(order: Order, source: Source, manifest: Manifest, with_layers: bool) -> Comparison:
    """Holds an export against the model it was made from, on the order's held-out frames and recorded calls."""
    assert order.plates is not None, "a report compares on footage"
    target, plates = TARGETS[order.target], order.plates.held_out
    drawn = draw_with(order.look, order.out, target, plates)
    with torch.no_grad():
        nothing = source.graphs["text_encoder"].module(source.recording.tokens[-1])
    engine = choose_engine("cpu", target.name)
    ratios = effect_ratios(order.out, manifest, engine, source.graphs, source.calls, nothing)
    flicker = flicker_ratio(drawn, source.truth, plates)
    began = time.perf_counter()
    draw_with(order.look, order.out, target, plates[:1])
    once = time.perf_counter() - began
    began = time.perf_counter()
    draw_with(order.look, order.out, target, [plates[0], plates[0]])
    seconds = time.perf_counter() - began - once  # loading is in both
    source.painter.draw([plates[0]], [0], Shot(0, 1))
    began = time.perf_counter()
    source.painter.draw([plates[0]], [0], Shot(0, 1))
    float_seconds = time.perf_counter() - began
    return Comparison(
        frame_metrics(drawn, source.truth, ratios, flicker),
        _parts(order, source, manifest),
        _layers(order, source) if with_layers and target.activations is not None else [],
        drawn,
        max(seconds, 1e-3),
        float_seconds,
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
