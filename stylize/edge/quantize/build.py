"""A checkpoint becomes an export: record, quantize, write, hold against float."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.generator import DiffusionGenerator
from stylize.edge.engines.base import choose_engine, open_engine
from stylize.edge.generator import EdgeGenerator
from stylize.edge.library import Wanted, library_folder
from stylize.edge.manifest import (
    NAME,
    Manifest,
    Part,
    TargetName,
    write_manifest,
)
from stylize.edge.quantize import record as recordings
from stylize.edge.quantize.adaround import learn_rounding
from stylize.edge.quantize.calls import Calls
from stylize.edge.quantize.describe import describe
from stylize.edge.quantize.graphs import Graph, graphs_of
from stylize.edge.quantize.layout import lay_out
from stylize.edge.quantize.measure import effect_ratios, flicker_ratio, frame_metrics, plain, sqnr
from stylize.edge.quantize.plates import Plates
from stylize.edge.quantize.sensitivity import worst_layers
from stylize.edge.quantize.simulate import config_of, keep_wide, simulate
from stylize.edge.quantize.write import write_part
from stylize.edge.targets import TARGETS, Target
from stylize.edge.tokens import FILE as TOKENIZER
from stylize.footage.clip import Pixels, Shot
from stylize.storage.fingerprint import fingerprint

Tell = Callable[[str, str], None]
PARTS_DONE = ".parts"
REVISION = 6
"""Of how parts are made: those of an earlier one are made anew."""
ROUNDED_ON = 4
"""Calls that learnt rounding compares answers on, at most."""
BYTES_A_VALUE = 4
BUDGET_DB = 48.5
"""What the rounding of a part's layers may cost, together, as signal to noise: of the UNet's guess, also for what a
ControlNet leads to, else of the part's own answer. Neighbours in a calm shot differ by some 40 dB below themselves,
and their flicker shows a tenth of that."""


@dataclass(frozen=True)
class TouchUp:
    """How a quantized part learns to answer as in float: a function of the simulation, the float network, a way to
    its calls, the steps, and whom to tell of each. It is given, for drawing knows nothing of training."""

    steps: int
    teach: Callable[[Any, Any, Callable[[], Iterator[Any]], int, Callable[[int], None]], Any]


@dataclass(frozen=True)
class Order:
    """What is to be built, and where. `shape` is (width, height), px, where sizes are fixed."""

    config: ResolvedConfig
    facts: CheckpointInfo
    wanted: Wanted
    target: TargetName
    out: Path
    plates: Plates | None
    shape: tuple[int, int] | None = None
    adaround: int = 0
    """Iterations a layer; none rounds to the nearest."""
    touch_up: TouchUp | None = None

    @property
    def touch_up_steps(self) -> int:
        return self.touch_up.steps if self.touch_up else 0


@dataclass
class Built:
    """An export, the float graphs it was made from, and how its files compare with the simulator."""

    folder: Path
    manifest: Manifest
    fidelity: dict[str, Fidelity] = field(default_factory=dict)
    wide: list[str] = field(default_factory=list)
    """Layers kept wide, as `part:layer`."""


@dataclass(frozen=True)
class Fidelity:
    """Signal to noise, dB: the files beside the simulator, the simulator beside float, the files beside float."""

    file_to_simulator: float
    simulator_to_float: float
    file_to_float: float


def memory_of(facts: CheckpointInfo) -> int:
    """Bytes that a build takes at its peak, about: all weights in fp32, and the largest network thrice more, which
    is rarely more than two thirds of them."""
    weights = facts.weights_bytes // 2 * BYTES_A_VALUE  # checkpoints are kept in half precision
    return int(1.5e9) + weights * 3


def build(order: Order, tell: Tell) -> Built:
    """Builds an export; parts that an earlier attempt finished are taken up.

    Args:
        tell: is told the stage and what is being done in it.

    Raises:
        StylizeError: what is missing or does not fit, and where.
    """
    target = TARGETS[order.target]
    out = order.out
    out.mkdir(parents=True, exist_ok=True)
    (out / NAME).unlink(missing_ok=True)  # until it is whole, it is no export
    source = open_source(order, tell)
    generator, recording, digest, truth = source.generator, source.recording, source.digest, source.truth
    graphs, calls = source.graphs, source.calls
    latents = _measuring_size(order)
    built = Built(out, describe(order, generator, latents, digest))
    parts = {}
    for graph in graphs.values():
        parts[graph.name] = _part(order, target, graph, calls, latents, digest, built, tell)
    generator.checkpoint.tokenizer.backend_tokenizer.save(str(out / TOKENIZER))
    built.manifest = built.manifest.model_copy(update={"parts": parts, "wide_layers": tuple(built.wide)})
    if order.plates is not None:
        tell("check", "held-out frames beside float")
        with torch.no_grad():
            nothing = graphs["text_encoder"].module(recording.tokens[-1])
        ratios = effect_ratios(out, built.manifest, _engine(target), graphs, calls, nothing)
        write_manifest(out, built.manifest)
        drawn = draw_with(order.config, out, target, order.plates.held_out)
        flicker = flicker_ratio(drawn, truth, order.plates.held_out)
        metrics = frame_metrics(drawn, truth, ratios, flicker)
        built.manifest = built.manifest.model_copy(update={"metrics": metrics})
    write_manifest(out, built.manifest)
    return built


@dataclass(frozen=True)
class Source:
    """What an export is made from and held against: the torch model, its calls on footage, its frames."""

    generator: DiffusionGenerator
    recording: recordings.Recording
    digest: str
    truth: list[Pixels]
    graphs: dict[str, Graph]
    calls: Calls


def open_source(order: Order, tell: Tell) -> Source:
    """Loads the checkpoint, records its calls unless they are kept, and draws the held-out frames in float."""
    tell("load", order.config.checkpoint)
    generator = DiffusionGenerator.load(order.config)
    recording, digest = _recorded(order, generator, tell)
    truth = _truth(order, generator, tell)
    nets = {
        control.condition: generator.checkpoint.controlnets[control.model or control.condition]
        for control in order.config.controls
    }
    if not TARGETS[order.target].everywhere:
        for module in (generator.checkpoint.unet, generator.checkpoint.vae, *nets.values()):
            lay_out(module)
    graphs = {graph.name: graph for graph in graphs_of(generator.checkpoint, nets, order.config.clip_skip)}
    return Source(generator, recording, digest, truth, graphs, Calls(recording, graphs, order.config))


def look_of(config: ResolvedConfig, folder: Path, target: Target) -> ResolvedConfig:
    """The look as it is drawn from an export."""
    return config.model_copy(update={"runtime": "edge", "checkpoint": str(folder), "device": _engine(target)})


def draw_with(config: ResolvedConfig, folder: Path, target: Target, plates: Sequence[Pixels]) -> list[Pixels]:
    """Draws plates, frames of one shot, from an export."""
    generator = EdgeGenerator.load(look_of(config, folder, target))
    return generator.draw(plates, range(len(plates)), Shot(0, len(plates)))


def _truth(order: Order, generator: DiffusionGenerator, tell: Tell) -> list[Pixels]:
    if order.plates is None:
        return []
    tell("float", "held-out frames")
    plates = order.plates.held_out
    whole = Shot(0, len(plates))
    return [generator.draw([plate], [number], whole)[0] for number, plate in enumerate(plates)]


def _engine(target: Target) -> str:
    return choose_engine("cpu", target.name)


def _recorded(order: Order, generator: DiffusionGenerator, tell: Tell) -> tuple[recordings.Recording, str]:
    """The calibration, from the library if it was recorded before."""
    plates = order.plates.calibration if order.plates is not None else [_grey(generator)]
    steps = recordings.steps_to_record(order.config.steps)
    facts = order.config.model_dump(
        mode="json",
        include={"prompt", "negative_prompt", "strength", "guidance", "scheduler", "noise", "seed"},
    )
    controls = [control.model_dump(mode="json") for control in order.config.controls]
    source = order.plates.digest if order.plates is not None else "grey"
    digest = fingerprint(order.wanted.key, facts, controls, steps, source, plates[0].shape)
    file = library_folder() / "recordings" / f"{digest}.safetensors"
    if file.is_file():
        tell("record", f"taken up: {file.name}")
        return recordings.load(file), digest
    recording = recordings.record(generator, plates, steps, lambda words: tell("record", words))
    recordings.save(recording, file)
    return recording, digest


def _grey(generator: DiffusionGenerator) -> Pixels:
    """A plate for targets that measure no ranges on footage: it only shows shapes."""
    import numpy as np

    side = generator.checkpoint.grid * 2
    return np.full((side, side, 3), 0.5, np.float32)


def _measuring_size(order: Order) -> tuple[int, int]:
    """Height and width of the latents at which work is counted, or that a fixed export is made for."""
    grid, scale = order.facts.grid, order.facts.latent_scale
    width, height = order.shape or (order.facts.short_side, order.facts.short_side)
    return -(-height // grid) * grid // scale, -(-width // grid) * grid // scale


def _part(
    order: Order,
    target: Target,
    graph: Graph,
    calls: Calls,
    latents: tuple[int, int],
    digest: str,
    built: Built,
    tell: Tell,
) -> Part:
    """One part, quantized and written, or as an earlier attempt left it."""
    identity = fingerprint(
        order.wanted.key,
        digest,
        order.target,
        order.shape,
        order.adaround,
        order.touch_up_steps,
        REVISION,
        graph.name,
    )
    note = order.out / PARTS_DONE / f"{graph.name}.json"
    if note.is_file():
        told = json.loads(note.read_text())
        if told["identity"] == identity:
            tell(graph.name, "taken up")
            if told["fidelity"]:
                built.fidelity[graph.name] = Fidelity(**told["fidelity"])
            built.wide += told["wide"]
            return Part(**told["part"])
    sim = None
    has_layers = any(True for _ in graph.module.parameters())
    if target.weights is not None and has_layers:
        sim, wide = _quantized(order, target, graph, calls, tell)
        built.wide += [f"{graph.name}:{name}" for name in wide]
    tell(graph.name, "write")
    part = write_part(
        order.out, graph, sim, latents, fixed=order.shape is not None, encodings=target.everywhere
    )
    if sim is not None and order.plates is not None:
        tell(graph.name, "check")
        built.fidelity[graph.name] = _fidelity(order, target, graph, sim, part, calls)
    note.parent.mkdir(exist_ok=True)
    fidelity = built.fidelity.get(graph.name)
    told = {
        "identity": identity,
        "part": part.model_dump(),
        "fidelity": fidelity and vars(fidelity),
        "wide": [name for name in built.wide if name.startswith(f"{graph.name}:")],
    }
    note.write_text(json.dumps(told))
    return part


def _quantized(order: Order, target: Target, graph: Graph, calls: Calls, tell: Tell) -> tuple[Any, list[str]]:
    """A part's simulation, and the layers that were kept wide in it."""
    count = calls.count(graph.name)
    tell(graph.name, f"quantize on {count} calls")
    sim = simulate(graph, target, calls.of(graph.name))
    tell(graph.name, "look for layers to keep wide")
    wide = worst_layers(graph, sim, calls.onward(graph.name, max(1, count - 1)), BUDGET_DB)
    if order.adaround and target.weights is not None:
        tell(graph.name, f"learn rounding, {order.adaround} iterations a layer")
        few = list(calls.of(graph.name, -(-count // ROUNDED_ON)))
        rounded = learn_rounding(graph.module, few, target.weights, config_of(target), order.adaround)
        sim = simulate(graph, target, calls.of(graph.name), rounded)
    keep_wide(graph, sim, target, wide)
    if order.touch_up is not None and count > 1:
        steps = order.touch_up_steps
        touched = order.touch_up.teach(
            sim.model,
            graph.module,
            lambda: calls.of(graph.name),
            steps,
            lambda step: tell(graph.name, f"touch up, step {step + 1} of {steps}"),
        )
        tell(graph.name, str(touched))
    return sim, wide


@torch.no_grad()
def _fidelity(order: Order, target: Target, graph: Graph, sim: Any, part: Part, calls: Calls) -> Fidelity:
    """The file that was written beside the simulator and float, on calls from the recording."""
    stride = max(1, calls.count(graph.name) // 2)
    pairs = []
    session = None
    for call in calls.of(graph.name, stride):
        inputs = [each.numpy() for each in call]
        session = session or open_engine(_engine(target)).load(
            order.out / part.model, [each.shape for each in inputs]
        )
        told = [each.copy() for each in session.run(inputs)]
        simulated, truth = plain(sim.model(*call)), plain(graph.module(*call))
        pairs += list(zip(told, simulated, truth, strict=True))
    return Fidelity(
        *(round(min(sqnr(pair[a], pair[b]) for pair in pairs), 1) for a, b in ((0, 1), (1, 2), (0, 2)))
    )
