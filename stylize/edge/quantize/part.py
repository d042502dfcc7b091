"""One part of an export: its network simulated, written, compared; or taken over from a build that was stopped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from stylize.edge.engines import choose_engine, open_engine
from stylize.edge.manifest import ExportPart
from stylize.edge.quantize.adaround import learn_rounding
from stylize.edge.quantize.calls import Calls
from stylize.edge.quantize.graphs import Graph
from stylize.edge.quantize.measure import plain, sqnr
from stylize.edge.quantize.reference import FloatReference
from stylize.edge.quantize.request import BuildRequest
from stylize.edge.quantize.sensitivity import layers_to_keep_wide
from stylize.edge.quantize.simulate import config_of, keep_wide, simulate
from stylize.edge.quantize.write import write_part
from stylize.events import ReportProgress
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint

NOTES = ".parts"
"""The folder in an unfinished export that notes which parts are done."""
REVISION = 7
"""Of the way in which parts are made: notes of another one are ignored."""
MAX_ROUNDING_CALLS = 4
"""Learned rounding compares outputs on at most this many calls."""
NOISE_BUDGET_DB = 48.5
"""The noise that the quantized layers of a part may bring together, as signal to noise: in the UNet's
prediction, also for the ControlNets, and in the part's own output for the others. Neighbouring frames of a calm
shot differ by some 40 dB below themselves, and a tenth of that difference shows as flicker."""


@dataclass(frozen=True)
class Fidelity:
    """Signal to noise, dB, worst of the outputs: the file compared with the simulation, the simulation with float,
    and the file with float."""

    file_to_simulator: float
    simulator_to_float: float
    file_to_float: float


@dataclass(frozen=True)
class BuiltPart:
    """A written part, how close it is (None where it is float or was not measured), and its layers kept wide."""

    part: ExportPart
    fidelity: Fidelity | None
    wide_layers: tuple[str, ...]


def build_part(
    request: BuildRequest, reference: FloatReference, graph: Graph, report_progress: ReportProgress
) -> BuiltPart:
    """Makes one part, unless a build of the same request that was stopped has made it already."""
    note = request.out / NOTES / f"{graph.name}.json"
    identity = _identity(request, reference, graph)
    earlier = _read_note(note, identity)
    if earlier is not None and _is_whole(request.out, earlier.part):
        report_progress(graph.name, "kept from before")
        return earlier
    built = _make_part(request, reference, graph, report_progress)
    body = json.dumps({"identity": identity, **_as_table(built)})
    atomic_write(note, f"{fingerprint(body)}\n{body}".encode())
    return built


def _make_part(
    request: BuildRequest, reference: FloatReference, graph: Graph, report_progress: ReportProgress
) -> BuiltPart:
    sim = None
    wide_layers: list[str] = []
    has_weights = any(True for _ in graph.module.parameters())
    if request.quantization.weight_bits is not None and has_weights:
        sim, wide_layers = _quantize(request, reference.calls, graph, report_progress)
    report_progress(graph.name, "write")
    part = write_part(
        request.out,
        graph,
        sim,
        request.latent_size,
        fixed=request.shape is not None,
        encodings=request.quantization.integer_only,
    )
    fidelity = None
    if sim is not None and request.plates is not None:
        report_progress(graph.name, "compare")
        fidelity = _fidelity(request, reference.calls, graph, sim, part)
    return BuiltPart(part, fidelity, tuple(wide_layers))


def _quantize(
    request: BuildRequest, calls: Calls, graph: Graph, report_progress: ReportProgress
) -> tuple[Any, list[str]]:
    """A simulation of the quantized network, and the names of its layers that stay wide."""
    target, name, count = request.quantization, graph.name, calls.count(graph.name)
    report_progress(name, f"quantize on {count} calls")
    sim = simulate(graph, target, calls.of(name))
    report_progress(name, "find the layers to keep wide")
    judged = calls.with_continuations(name, max(1, count - 1))
    wide_layers = layers_to_keep_wide(graph, sim, judged, NOISE_BUDGET_DB)
    if request.adaround and target.weight_bits is not None:
        report_progress(name, f"learn rounding, {request.adaround} iterations a layer")
        few = list(calls.of(name, -(-count // MAX_ROUNDING_CALLS)))
        rounded = learn_rounding(graph.module, few, target.weight_bits, config_of(target), request.adaround)
        sim = simulate(graph, target, calls.of(name), rounded)
    keep_wide(graph, sim, target, wide_layers)
    if request.touch_up is not None and count > 1:
        steps = request.touch_up.steps
        outcome = request.touch_up.train(
            sim.model,
            graph.module,
            lambda: calls.of(name),
            steps,
            lambda step: report_progress(name, f"touch up, step {step + 1} of {steps}"),
        )
        report_progress(name, str(outcome))
    return sim, wide_layers


@torch.no_grad()
def _fidelity(request: BuildRequest, calls: Calls, graph: Graph, sim: Any, part: ExportPart) -> Fidelity:
    """Compares file, simulation and float network on calls from the recording."""
    engine = open_engine(choose_engine("cpu", request.target))
    session = None
    outputs = []
    for call in calls.of(graph.name, max(1, calls.count(graph.name) // 2)):
        inputs = [tensor.numpy() for tensor in call]
        if session is None:
            session = engine.load(request.out / part.model, [array.shape for array in inputs])
        written = [array.copy() for array in session.run(inputs)]
        simulated, exact = plain(sim.model(*call)), plain(graph.module(*call))
        outputs += list(zip(written, simulated, exact, strict=True))

    def worst(of: int, beside: int) -> float:
        return round(min(sqnr(three[of], three[beside]) for three in outputs), 1)

    return Fidelity(worst(0, 1), worst(1, 2), worst(0, 2))


def _identity(request: BuildRequest, reference: FloatReference, graph: Graph) -> str:
    """Stands for everything that a part depends on."""
    return fingerprint(
        request.key.digest,
        reference.recording_digest,
        request.target,
        request.shape,
        request.adaround,
        request.touch_up_steps,
        REVISION,
        graph.name,
    )


def _as_table(built: BuiltPart) -> dict[str, Any]:
    return {
        "part": built.part.model_dump(),
        "fidelity": None if built.fidelity is None else asdict(built.fidelity),
        "wide_layers": built.wide_layers,
    }


def _read_note(note: Path, identity: str) -> BuiltPart | None:
    """The part that a note tells of, where it was made for the same identity; a note that is damaged tells of none.

    Its first line stands for the rest, so that no changed number is believed.
    """
    if not note.is_file():
        return None
    digest, _, body = note.read_bytes().decode("utf-8", "replace").partition("\n")
    if digest != fingerprint(body):
        return None
    table = json.loads(body)
    if table["identity"] != identity:
        return None
    fidelity = None if table["fidelity"] is None else Fidelity(**table["fidelity"])
    return BuiltPart(ExportPart(**table["part"]), fidelity, tuple(table["wide_layers"]))


def _is_whole(folder: Path, part: ExportPart) -> bool:
    """Whether a part's files lie there as they were written."""
    return all(_sha256(folder / name) == digest for name, digest in part.files.items())


def _sha256(file: Path) -> str | None:
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
