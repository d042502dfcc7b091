"""What a run will take of this machine, reckoned before any weights are loaded."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylize.jobs.plan import Plan

BASE_BYTES = 900 << 20
"""Resident size of the program with its libraries loaded, measured on Linux with torch 2.15."""
PNG_SHARE = 0.45
"""Bytes of a stored frame beside its raw 8-bit size, measured on drawn frames."""


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    `weights_bytes` as loaded, `memory_bytes` at the peak (of the host, or of the GPU where one draws),
    `disk_bytes` of frames kept while it runs, `tflop` of arithmetic still to be done by the networks, and
    the `seconds` that this takes at the speed just measured here; None where that cannot be known.
    """

    weights_bytes: int
    memory_bytes: int
    disk_bytes: int
    tflop: float | None
    seconds: float | None


def reckon(plan: Plan) -> Cost:
    """Counts the networks' work on weightless copies and times one convolution for the speed."""
    if plan.config.runtime == "edge":
        return _reckon(plan, *_edge_work(plan))
    from stylize.diffusion.device import dtype_of

    per_value = dtype_of(plan.config.precision).itemsize
    weights = plan.facts.weights_bytes * per_value // 2  # checkpoints are kept in half precision
    flop = flop_per_frame(plan)
    speed = None if flop is None or plan.remote else measured_speed(plan.config.device, plan.config.precision)
    return _reckon(plan, BASE_BYTES, weights, per_value, flop, speed)


EDGE_BASE_BYTES = 250 << 20
"""The same without torch."""


def _edge_work(plan: Plan) -> tuple[int, int, int, float | None, float | None]:
    """Resident bytes, weights, bytes a value, operations a frame and a second, from an export's manifest."""
    from stylize.edge.manifest import read_manifest

    manifest = read_manifest(Path(plan.facts.place))
    grid = plan.facts.grid
    width, height = (-(-side // grid) * grid for side in plan.working_size)
    share = width * height / (manifest.measured_at[0] * manifest.measured_at[1])
    work = {name: part.gflop * 1e9 * share for name, part in manifest.parts.items()}
    passes = max(1, int(plan.config.steps * plan.config.strength)) * (2 if plan.config.guidance > 1 else 1)
    flop = work["encoder"] + work["decoder"] + passes * work["unet"]
    for control in plan.config.controls:
        parts = manifest.control(control.condition)
        if parts is not None:
            flop += work[parts.picture] + passes * work[parts.residuals]
    return EDGE_BASE_BYTES, plan.facts.weights_bytes, 4, flop, None


def _reckon(
    plan: Plan, base: int, weights: int, per_value: int, flop: float | None, speed: float | None
) -> Cost:
    todo = {each.name: each.frames - each.done for each in plan.passes}
    pictures = todo["style"] + (plan.comp.pictures((plan.clip.width, plan.clip.height)) if plan.comp else 0)
    seconds = pictures * flop / speed if flop is not None and speed is not None else None
    width, height = plan.working_size
    full = plan.clip.width * plan.clip.height
    lookaround = max((sum(step.lookaround) for step in plan.steps if step.name == "steady"), default=0) + 1
    window = lookaround * width * height * 3 * 4 * 2  # a window holds drafts, guides and steps between them
    activations = plan.config.batch * width * height * per_value * 160
    stored = sum(each.size[0] * each.size[1] * 3 * each.frames for each in plan.passes)
    return Cost(
        weights_bytes=weights,
        memory_bytes=base + weights + max(window, activations) + full * 3 * 4 * 8,
        disk_bytes=int(stored * PNG_SHARE),
        tflop=None if flop is None else pictures * flop / 1e12,
        seconds=seconds,
    )


def flop_per_frame(plan: Plan) -> float | None:
    """Floating-point operations to draw one frame, counted; None where the configuration is not at hand."""
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel
    from torch.utils.flop_counter import FlopCounterMode

    folder = Path(plan.facts.place)
    if not (folder / "unet" / "config.json").is_file():
        return None
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(folder / "unet"))
        net = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
        pixels = [-(-side // plan.facts.grid) * plan.facts.grid for side in plan.working_size]
        width, height = (side // plan.facts.latent_scale for side in pixels)
        latents = torch.zeros(1, unet.config.in_channels, height, width)
        prompt = torch.zeros(1, 77, unet.config.cross_attention_dim)
        picture = torch.zeros(1, 3, height * 8, width * 8)
        instant = torch.zeros(())
        drawing = _count(FlopCounterMode, lambda: unet(latents, instant, prompt))
        holding = _count(FlopCounterMode, lambda: net(latents, instant, prompt, picture))
    passes = max(1, int(plan.config.steps * plan.config.strength)) * (2 if plan.config.guidance > 1 else 1)
    return float(passes * (drawing + len(plan.config.controls) * holding))


def _count(counter: Any, work: Any) -> int:
    import torch

    with torch.inference_mode(), counter(display=False) as counted:
        work()
    return int(counted.get_total_flops())


def measured_speed(device: str, precision: str) -> float:
    """Operations a second that this device reaches in a convolution like the networks' own."""
    import torch

    from stylize.diffusion.device import dtype_of

    convolution = torch.nn.Conv2d(64, 64, 3, padding=1).to(device, dtype_of(precision))
    picture = torch.randn(1, 64, 128, 128, device=device, dtype=dtype_of(precision))
    convolution = convolution.to(memory_format=torch.channels_last)
    picture = picture.to(memory_format=torch.channels_last)
    work = 2 * 9 * 64 * 64 * 128 * 128
    with torch.inference_mode():
        convolution(picture)
        began = time.perf_counter()
        for _ in range(20):
            answer = convolution(picture)
        float(answer.flatten()[0])  # waits for a GPU to finish
    networks_share = 0.55  # a whole network reaches this share of a bare convolution's speed, measured
    return networks_share * 20 * work / (time.perf_counter() - began)
