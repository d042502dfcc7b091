"""What an export is made from and compared with: the float networks, their recorded calls, frames drawn in
float."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylize.diffusion.generator import DiffusionGenerator
from stylize.edge.library import library_folder
from stylize.edge.quantize.calls import Calls
from stylize.edge.quantize.graphs import Graph, graphs_of
from stylize.edge.quantize.layout import lay_out
from stylize.edge.quantize.record import (
    Recording,
    load_recording,
    record,
    save_recording,
    steps_to_record,
)
from stylize.edge.quantize.request import BuildRequest
from stylize.errors import UsageError
from stylize.events import ReportProgress
from stylize.footage.clip import Pixels, Shot
from stylize.storage.fingerprint import fingerprint

RECORDED_SETTINGS = {"prompt", "negative_prompt", "strength", "guidance", "scheduler", "noise", "seed"}


@dataclass(frozen=True)
class FloatReference:
    """The torch model, in fp32 on the CPU, as a build needs it.

    `recording` holds what its networks were given on footage, `recording_digest` stands for it; `frames` are the
    held-out plates as it draws them; `graphs` are its networks by name, `calls` their inputs.
    """

    generator: DiffusionGenerator
    recording: Recording
    recording_digest: str
    frames: list[Pixels]
    graphs: dict[str, Graph]
    calls: Calls


def open_reference(request: BuildRequest, report_progress: ReportProgress) -> FloatReference:
    """Loads the checkpoint, records its calls unless that was done before, and draws the held-out plates.

    Raises:
        ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
    """
    config = request.config
    report_progress("load", config.checkpoint)
    generator = DiffusionGenerator.load(config)
    if generator.checkpoint.two_text_encoders:
        raise UsageError(
            f"No exports are made of {generator.checkpoint.family.title}.",
            where=config.checkpoint,
            hint="it is drawn with torch",
        )
    recording, digest = _recorded(request, generator, report_progress)
    frames = _held_out_frames(request, generator, report_progress)
    checkpoint = generator.checkpoint
    controlnets = {
        control.condition: checkpoint.controlnets[control.model or control.condition]
        for control in config.controls
    }
    if not request.quantization.integer_only:  # after recording and drawing, which the original networks do
        for module in (checkpoint.unet, checkpoint.vae, *controlnets.values()):
            lay_out(module)
    graphs = {graph.name: graph for graph in graphs_of(checkpoint, controlnets, config.clip_skip)}
    calls = Calls(recording, graphs, config)
    return FloatReference(generator, recording, digest, frames, graphs, calls)


def _recorded(
    request: BuildRequest, generator: DiffusionGenerator, report_progress: ReportProgress
) -> tuple[Recording, str]:
    """The recording and the digest that it is kept under, from the library if it was made before."""
    config = request.config
    plates = [_grey_plate(generator)] if request.plates is None else request.plates.calibration
    steps = steps_to_record(config.steps)
    digest = fingerprint(
        request.key.digest,
        config.model_dump(mode="json", include=RECORDED_SETTINGS),
        [control.model_dump(mode="json") for control in config.controls],
        steps,
        "shares of steps",
        "grey" if request.plates is None else request.plates.digest,
        plates[0].shape,
    )
    file = library_folder() / "recordings" / f"{digest}.safetensors"
    kept = load_recording(file) if file.is_file() else None
    if kept is not None:
        report_progress("record", f"kept from before: {file.name}")
        return kept, digest
    recording = record(generator, plates, steps, lambda message: report_progress("record", message))
    save_recording(recording, file)
    return recording, digest


def _held_out_frames(
    request: BuildRequest, generator: DiffusionGenerator, report_progress: ReportProgress
) -> list[Pixels]:
    if request.plates is None:
        return []
    report_progress("float", "held-out frames")
    plates = request.plates.held_out
    shot = Shot(0, len(plates))
    return [generator.draw([plate], [index], shot)[0] for index, plate in enumerate(plates)]


def _grey_plate(generator: DiffusionGenerator) -> Pixels:
    """Stands for footage where a target measures no ranges: only the shapes of the networks' inputs matter."""
    side = generator.checkpoint.grid * 2
    return np.full((side, side, 3), 0.5, np.float32)
