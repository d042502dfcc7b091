"""Frames drawn from an export, compared with those that torch draws in fp32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from stylize.config.resolved import ResolvedConfig
from stylize.edge.engines import choose_engine
from stylize.edge.generator import EdgeGenerator
from stylize.edge.manifest import Manifest, Metrics
from stylize.edge.quantize.measure import effect_ratios, flicker_ratio, frame_metrics
from stylize.edge.quantize.reference import FloatReference
from stylize.edge.quantize.request import BuildRequest
from stylize.footage.clip import Pixels, Shot


@dataclass(frozen=True)
class FrameComparison:
    """The held-out plates as the export draws them, and how close they are to float."""

    frames: list[Pixels]
    metrics: Metrics


def compare_frames(request: BuildRequest, reference: FloatReference, manifest: Manifest) -> FrameComparison:
    """Draws the request's held-out plates from the export in `request.out`, and measures them.

    Raises:
        ModelError, MissingPart: the export cannot be run.
        ValueError: the request has no plates.
    """
    plates = request.require_plates().held_out
    with torch.no_grad():
        empty_prompt = reference.graphs["text_encoder"].module(reference.recording.tokens[-1])
    engine = choose_engine("cpu", request.target)
    ratios = effect_ratios(request.out, manifest, engine, reference.graphs, reference.calls, empty_prompt)
    frames = _draw(export_config(request), plates)
    flicker = flicker_ratio(frames, reference.frames, plates)
    return FrameComparison(frames, frame_metrics(frames, reference.frames, ratios, flicker))


def export_config(request: BuildRequest) -> ResolvedConfig:
    """The request's config as it is drawn from the finished export, on the processor."""
    return request.config.model_copy(
        update={
            "runtime": "edge",
            "checkpoint": str(request.out),
            "device": choose_engine("cpu", request.target),
        }
    )


def _draw(config: ResolvedConfig, plates: Sequence[Pixels]) -> list[Pixels]:
    generator = EdgeGenerator.load(config)
    return generator.draw(plates, range(len(plates)), Shot(0, len(plates)))
