"""What a run will take of this machine, calculated before any weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stylize.diffusion.strength import steps_of
from stylize.jobs.earlier_runs import expected_seconds
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.specs import DrawingSpec
from stylize.passes import channel, shared_footage
from stylize.passes.newest import kept_bytes
from stylize.passes.overlap import share_plates
from stylize.passes.runner import frames_in
from stylize.storage.frame_file import VALUE_BYTES
from stylize.system.machine import usable_cores

BASE_BYTES = 900 << 20
"""Resident size of the program with its libraries loaded, measured on Linux with torch 2.15."""
EDGE_BASE_BYTES = 250 << 20
"""The same without torch."""
LANE_BYTES = 160 << 20
"""What an export takes for every frame that it draws at the same time, whatever the frame's size: measured with the
bundled one in OpenVINO, as its values a pixel are."""
VALUES_A_PIXEL, EDGE_VALUES_A_PIXEL = 160, 220
"""At the peak of drawing, where they cannot be counted."""
STORED_SHARE = {"8": 0.45, "16": 2.0, "half": 1.4}
"""Bytes of a stored frame beside its raw 8-bit size, measured on drawn frames."""


@dataclass(frozen=True)
class RunCost:
    """What a run takes.

    `weights_bytes` as loaded, `memory_bytes` at the peak (of the host, or of the GPU where one draws),
    `disk_bytes` of frames kept while it runs, `tflop` of arithmetic still to be done by the networks, and
    the `seconds` that this takes at the speed just measured here; `whole_seconds` are those of all passes and films
    that are still to be made, as earlier runs of the kind took here. None where that cannot be known.
    """

    weights_bytes: int
    memory_bytes: int
    disk_bytes: int
    tflop: float | None
    seconds: float | None
    whole_seconds: float | None = None


@dataclass(frozen=True)
class NetworkCost:
    """What the networks of a segment take: bytes of the program beside them, of their weights and of a value, and
    operations for a frame and a second; None where that cannot be known."""

    base_bytes: int
    weights_bytes: int
    value_bytes: int
    flop: float | None
    flop_per_second: float | None


def cost_of(job: RenderJob) -> RunCost:
    """Counts the networks' work on weightless copies and times one convolution for the speed.

    Segments are made one after the other: their arithmetic and disk add up, of their memory the most counts.
    """
    costs = [_segment_cost(job, segment) for segment in job.segments]
    tflop, seconds = _total(each.tflop for each in costs), _total(each.seconds for each in costs)
    return RunCost(
        weights_bytes=max(each.weights_bytes for each in costs),
        memory_bytes=max(each.memory_bytes for each in costs),
        disk_bytes=sum(each.disk_bytes for each in costs),
        tflop=tflop,
        seconds=seconds,
        whole_seconds=None if job.remote else expected_seconds(job),
    )


def _total(values: Any) -> float | None:
    known = list(values)
    return None if None in known else float(sum(known))


def _segment_cost(job: RenderJob, segment: Segment) -> RunCost:
    spec, clip = segment.spec, job.clip
    models = _models(spec) if isinstance(spec, DrawingSpec) else []
    costs = [_network_cost(job, each) for each in models] or [NetworkCost(EDGE_BASE_BYTES, 0, 4, 0.0, 1.0)]
    networks, weights = costs[0], sum(each.weights_bytes for each in costs)
    size = models[0].working_size if models else (clip.width, clip.height)
    pictures = sum(step.network_frames(segment.missing(step)) for step in segment.passes)
    width, height = size
    # Passes work side by side. A window holds drafts, guides and steps between them.
    windows = sum(step.window_frames for step in segment.passes) * width * height * 3 * 4 * 2
    activations = sum(_activation_bytes(job, *each) for each in zip(models, costs, strict=False))
    stored = sum(
        step.size[0] * step.size[1] * step.channels * len(step.frames.numbers) * len(step.gives)
        for step in segment.passes
    )
    flop, speed = networks.flop, networks.flop_per_second
    return RunCost(
        weights_bytes=weights,
        memory_bytes=max(each.base_bytes for each in costs)
        + weights
        + windows
        + activations
        + _held_bytes(segment, size, (clip.width, clip.height))
        + clip.width * clip.height * 3 * 4 * 8,
        disk_bytes=int(stored * STORED_SHARE[segment.depth]),
        tflop=None if flop is None else pictures * flop / 1e12,
        seconds=None if flop is None or speed is None else pictures * flop / speed,
    )


def _held_bytes(segment: Segment, size: tuple[int, int], plate: tuple[int, int]) -> int:
    """What is held of pictures: the newest of every name, the plates that passes share, and what a pass holds of a
    whole shot. Shots are made one after the other: the most counts."""
    plates = [size, max(step.size for step in segment.passes)] if share_plates(segment.passes) else [size]
    shared = sum(kept_bytes(len(segment.span), each, 3 * 4, shared_footage.KEPT_BYTES) for each in plates)
    value_bytes = VALUE_BYTES[segment.depth]
    kept = sum(
        kept_bytes(len(step.frames.numbers), step.size, step.channels * value_bytes, channel.KEPT_BYTES)
        * len(step.gives)
        for step in segment.passes
    )
    of_shots = sum(
        max(step.held_bytes(frames_in(step.frames.numbers, shot), plate) for shot in segment.shots)
        for step in segment.passes
    )
    return shared + kept + of_shots


def _models(spec: DrawingSpec) -> list[DrawingSpec]:
    """The models that are loaded at once, each as if it drew alone: the film's own, and one that draws its keys."""
    own = spec.key_model
    if own is None:
        return [spec]
    keys = replace(
        spec, config=own.config, checkpoint=own.checkpoint, working_size=own.working_size, key_model=None
    )
    return [spec, keys]


def _activation_bytes(job: RenderJob, spec: DrawingSpec, networks: NetworkCost) -> int:
    """Values at the peak of drawing, beside the weights: counted where they can be, else estimated."""
    counted = peak_activations(spec) if spec.config.runtime == "torch" else None
    if counted:
        return counted
    values = spec.working_size[0] * spec.working_size[1] * networks.value_bytes
    if spec.config.runtime == "edge":
        return _lanes(job, spec) * (values * EDGE_VALUES_A_PIXEL + LANE_BYTES)
    return _drawn_together(spec) * values * VALUES_A_PIXEL


def _lanes(job: RenderJob, spec: DrawingSpec) -> int:
    """How many frames an export draws at the same time; elsewhere, as many as it ever does."""
    from stylize.edge.generator import MOST_AT_ONCE, frames_at_once
    from stylize.edge.manifest import read_manifest

    folder = Path(spec.checkpoint.place)
    cores = MOST_AT_ONCE if job.remote else usable_cores()
    return frames_at_once(spec.config, folder, read_manifest(folder), cores)


def _drawn_together(spec: DrawingSpec) -> int:
    """Frames of a batch, with the shot's first one where all look at it."""
    return spec.config.batch + (spec.config.attend is not None)


def _network_cost(job: RenderJob, spec: DrawingSpec) -> NetworkCost:
    if spec.config.runtime == "edge":
        return _edge_cost(spec)
    if spec.config.runtime == "live":
        return _live_cost(spec)
    from stylize.diffusion.device import dtype_of
    from stylize.diffusion.speed import measured_speed

    value_bytes = dtype_of(spec.config.precision).itemsize
    weights = spec.checkpoint.weights_bytes * value_bytes // 2  # checkpoints are kept in half precision
    flop = flop_per_frame(spec)
    known = flop is not None and not job.remote
    speed = measured_speed(spec.config.device, spec.config.precision) if known else None
    return NetworkCost(BASE_BYTES, weights, value_bytes, flop, speed)


def _edge_cost(spec: DrawingSpec) -> NetworkCost:
    """From an export's manifest."""
    from stylize.edge.manifest import read_manifest

    manifest = read_manifest(Path(spec.checkpoint.place))
    width, height = padded_size(spec)
    share = width * height / (manifest.measured_at[0] * manifest.measured_at[1])
    work = {name: part.gflop * 1e9 * share for name, part in manifest.parts.items()}
    evaluations = network_evaluations(spec)
    flop = work["encoder"] + work["decoder"] + evaluations * work["unet"]
    for control in spec.config.controls:
        parts = manifest.control(control.condition)
        if parts is not None:
            flop += work[parts.picture] + evaluations * work[parts.residuals]
    return NetworkCost(EDGE_BASE_BYTES, spec.checkpoint.weights_bytes, 4, flop, None)


def _live_cost(spec: DrawingSpec) -> NetworkCost:
    """From a live model's manifest."""
    from stylize.edge.live.manifest import MEASURED_SIDE, read_live_manifest

    manifest = read_live_manifest(Path(spec.checkpoint.place))
    width, height = padded_size(spec)
    flop = manifest.gflop * 1e9 * width * height / MEASURED_SIDE**2
    return NetworkCost(EDGE_BASE_BYTES, spec.checkpoint.weights_bytes, 4, flop, None)


def padded_size(spec: DrawingSpec) -> tuple[int, int]:
    """(width, height) of the drawings, px, as the networks take them: multiples of the checkpoint's grid."""
    grid = spec.checkpoint.grid
    width, height = (-(-side // grid) * grid for side in spec.working_size)
    return width, height


def network_evaluations(spec: DrawingSpec) -> int:
    """How often the UNet is evaluated for a frame."""
    config = spec.config
    return steps_of(config) * (2 if config.guidance > 1 else 1)


def flop_per_frame(spec: DrawingSpec) -> float | None:
    """Floating-point operations to draw one frame, counted; None where the configuration is not at hand."""
    import torch

    from stylize.diffusion.weightless import count_flop, read_weightless

    networks = read_weightless(Path(spec.checkpoint.place), torch.float32)
    if networks is None:
        return None
    controls = len(spec.config.controls)
    calls = networks.calls(*padded_size(spec), 1, controls)
    flop = count_flop(calls["unet"]) + (controls * count_flop(calls["controlnet"]) if controls else 0)
    return float(network_evaluations(spec) * flop)


def peak_activations(spec: DrawingSpec) -> int | None:
    """Bytes of values at the peak of drawing a batch, beside the weights; None where they cannot be counted."""
    from stylize.diffusion.device import dtype_of
    from stylize.diffusion.weightless import activation_bytes, read_weightless

    config = spec.config
    networks = read_weightless(Path(spec.checkpoint.place), dtype_of(config.precision))
    if networks is None:
        return None
    width, height = padded_size(spec)
    frames = _drawn_together(spec)
    guided = networks.calls(width, height, frames * (2 if config.guidance > 1 else 1), len(config.controls))
    plain = networks.calls(width, height, frames, 0)
    return activation_bytes(
        {name: (plain if name in ("encoder", "decoder") else guided)[name] for name in guided}
    )
