"""Which model a device can run at the speed of a camera: measured in a second or two, and graded."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from stylize.edge.engines import choose_engine
from stylize.edge.live.find import bundled, bundled_live_models
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.live.manifest import MEASURED_SIDE
from stylize.errors import MissingPart
from stylize.system.devices import read_devices
from stylize.system.machine import read_memory

Tier = Literal["live-s", "live-m", "live-l", "mini-int8", "mini", "full"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""From the least work to the most."""
CAMERA_RATE = 24.0
"""Pictures a second of 512x512 px that a tier must reach."""
WORK: Mapping[Tier, float] = {
    "live-s": 2.0, "live-m": 4.24, "live-l": 6.13, "mini-int8": 40.0, "mini": 40.0, "full": 7500.0
}  # fmt: skip
"""GFLOP for a picture of 512x512 px: `mini` in one step with a ControlNet; `full`, a checkpoint of Stable
Diffusion's size in four steps with a ControlNet and its autoencoder. Those of live models are their
manifests'."""
MEMORY: Mapping[Tier, float] = {
    "live-s": 0.4, "live-m": 0.4, "live-l": 0.5, "mini-int8": 0.8, "mini": 1.5, "full": 6.0
}  # fmt: skip
"""GiB that must be free, of the GPU's memory where one draws."""
SIZE = f"{MEASURED_SIDE}x{MEASURED_SIDE}"
ROUNDS = 6
WARM_UP = 2


@dataclass(frozen=True)
class Device:
    """What was measured of a device.

    `int8_gflops` and `float_gflops` are what a live network reaches on the processor, 1e9 operations a second; None
    where no engine is installed. `gpu_gflops` is what torch reaches on a GPU, in half precision. Memory in GiB.
    """

    int8_gflops: float | None
    float_gflops: float | None
    memory: float
    gpu_gflops: float | None = None
    gpu_memory: float | None = None


@dataclass(frozen=True)
class Grade:
    """The tier of a device, pictures a second that it draws with it, and why it is this one."""

    tier: Tier
    rate: float
    reason: str

    @property
    def keeps_up(self) -> bool:
        return self.rate >= CAMERA_RATE


def grade(device: Device, available: frozenset[Tier] = frozenset(TIERS)) -> Grade:
    """The tier with the most work that a device does at the speed of a camera; where it does none of them, the
    one with the least work.

    Args:
        available: the tiers to choose from.
    """
    rates = {tier: rate_of(tier, device) for tier in TIERS if tier in available}
    able = [tier for tier in rates if rates[tier] >= CAMERA_RATE and _has_memory(tier, device)]
    if not able:
        tier = next(iter(rates))
        words = f"draws {rates[tier]:.3g} pictures of {SIZE} a second: some will be dropped"
        return Grade(tier, rates[tier], words)
    best = able[-1]
    reason = f"draws {rates[best]:.3g} pictures of {SIZE} a second"
    above = [tier for tier in rates if TIERS.index(tier) > TIERS.index(best)]
    if above:
        reason += f"; {above[0]} {_lack(above[0], rates[above[0]], device)}"
    return Grade(best, rates[best], reason)


def rate_of(tier: Tier, device: Device) -> float:
    """Pictures of 512x512 px a second that a device draws with a tier's model, by what was measured."""
    if tier in ("mini", "full"):
        speed = device.gpu_gflops or (device.float_gflops if tier == "mini" else None)
    elif tier == "mini-int8":
        speed = device.int8_gflops or device.float_gflops
    else:  # a live model is drawn in whichever is quicker
        speed = max(device.int8_gflops or 0.0, device.float_gflops or 0.0)
    return (speed or 0.0) / WORK[tier]


def _has_memory(tier: Tier, device: Device) -> bool:
    on_gpu = tier in ("mini", "full") and device.gpu_gflops is not None
    return (device.gpu_memory or 0.0 if on_gpu else device.memory) >= MEMORY[tier]


def _lack(tier: Tier, rate: float, device: Device) -> str:
    if rate < CAMERA_RATE:
        return f"would draw {rate:.2g}, and a camera gives {CAMERA_RATE:.0f}"
    return f"needs {MEMORY[tier]:g} GiB of memory"


def available_tiers() -> frozenset[Tier]:
    """The tiers whose models come with the program, or are checkpoints of the user's (`full`)."""
    live = {f"live-{manifest.network}" for manifest in bundled()}
    return frozenset(tier for tier in TIERS if not tier.startswith("live-") or tier in live)


def measure_device() -> Device:
    """Draws with the smallest bundled live model for a second or two, and multiplies on the GPU if there is one.

    Raises:
        MissingPart: no live model comes with this program.
    """
    models = bundled()
    if not models:
        raise MissingPart("No live model comes with this program.", hint="train one: stylize train live")
    smallest = min(models, key=lambda manifest: manifest.gflop)
    speeds: dict[str, float | None] = {"int8": None, "float": None}
    for precision in smallest.files:
        speeds[precision] = _speed(
            LiveDrawer.load(bundled_live_models() / smallest.name, precision, _engine())
        )
    memory, gpu = read_memory(), _gpu()
    return Device(speeds["int8"], speeds["float"], memory.free / 2**30, *gpu)


def _engine() -> str:
    return choose_engine("cpu", "cpu-int8")


def _speed(drawer: LiveDrawer) -> float:
    """1e9 operations a second; the best of some rounds, for the machine may do other things at the same time."""
    picture = np.full((MEASURED_SIDE, MEASURED_SIDE, 3), 0.5, np.float32)
    best = float("inf")
    for number in range(WARM_UP + ROUNDS):
        began = time.perf_counter()
        drawer.draw(picture)
        if number >= WARM_UP:
            best = min(best, time.perf_counter() - began)
    return drawer.manifest.gflop / best


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _gpu() -> tuple[float | None, float | None]:
    """Half-precision GFLOP a second of the first CUDA device, and its memory in GiB."""
    if not _is_installed("torch") or not any(name.startswith("cuda") for name in read_devices()):
        return None, None
    import torch

    from stylize.diffusion.speed import measured_speed

    return measured_speed("cuda", "fp16") / 1e9, torch.cuda.get_device_properties(0).total_memory / 2**30
