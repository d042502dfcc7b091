"""What a run will take of this machine, calculated before any weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from stylize.diffusion.strength import steps_of
from stylize.jobs.earlier_runs import expected_seconds
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.specs import DrawingSpec
from stylize.passes import channel, shared_footage
from stylize.passes.newest import kept_bytes
from stylize.passes.overlap import share_plates

BASE_BYTES = 900 << 20
"""Resident size of the program with its libraries loaded, measured on Linux with torch 2.15."""
EDGE_BASE_BYTES = 250 << 20
"""The same without torch."""
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
    if isinstance(spec, DrawingSpec):
        networks, size, batch = _network_cost(job, spec), spec.working_size, spec.config.batch
    else:
        networks, size, batch = NetworkCost(EDGE_BASE_BYTES, 0, 4, 0.0, 1.0), (clip.width, clip.height), 0
    pictures = sum(step.network_frames(segment.missing(step)) for step in segment.passes)
    width, height = size
    # Passes work side by side. A window holds drafts, guides and steps between them.
    windows = sum(step.window_frames for step in segment.passes) * width * height * 3 * 4 * 2
    counted = peak_activations(spec) if _on_torch(spec) else None
    activations = counted or batch * width * height * networks.value_bytes * 160
    stored = sum(
        step.size[0] * step.size[1] * 3 * len(step.frames.numbers) * len(step.gives)
        for step in segment.passes
    )
    flop, speed = networks.flop, networks.flop_per_second
    return RunCost(
        weights_bytes=networks.weights_bytes,
        memory_bytes=networks.base_bytes
        + networks.weights_bytes
        + windows
        + activations
        + _held_bytes(segment, size)
        + clip.width * clip.height * 3 * 4 * 8,
        disk_bytes=int(stored * STORED_SHARE[segment.depth]),
        tflop=None if flop is None else pictures * flop / 1e12,
        seconds=None if flop is None or speed is None else pictures * flop / speed,
    )


def _held_bytes(segment: Segment, size: tuple[int, int]) -> int:
    """What is held of pictures between passes: the newest of every name, and the plates that passes share."""
    plates = [size, max(step.size for step in segment.passes)] if share_plates(segment.passes) else [size]
    shared = sum(kept_bytes(len(segment.span), plate, 4, shared_footage.KEPT_BYTES) for plate in plates)
    kept = sum(
        kept_bytes(len(step.frames.numbers), step.size, 1, channel.KEPT_BYTES) * len(step.gives)
        for step in segment.passes
    )
    return shared + kept


def _on_torch(spec: object) -> TypeGuard[DrawingSpec]:
    return isinstance(spec, DrawingSpec) and spec.config.runtime == "torch"


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
    guided = networks.calls(
        width, height, config.batch * (2 if config.guidance > 1 else 1), len(config.controls)
    )
    plain = networks.calls(width, height, config.batch, 0)
    return activation_bytes(
        {name: (plain if name in ("encoder", "decoder") else guided)[name] for name in guided}
    )
