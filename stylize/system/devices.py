"""The devices that torch can draw on, and whether there may be a GPU at all, which is asked without torch."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata as metadata
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CUDA_DRIVERS = {"Linux": "libcuda.so.1", "Windows": "nvcuda.dll"}
ROCM_DEVICE = Path("/dev/kfd")


@dataclass(frozen=True)
class TorchInfo:
    """torch's version, and the devices that it can draw on, best first, each with what is known of it."""

    version: str
    devices: tuple[str, ...]


def read_torch() -> TorchInfo:
    """Imports torch and asks it for its devices.

    Raises:
        ImportError: torch is not installed, or broken. A driver that does not fit raises exceptions of its own.
    """
    return TorchInfo(metadata.version("torch"), tuple(read_devices()))


def read_devices() -> list[str]:
    """The devices that torch can draw on, with the memory of each GPU."""
    import torch

    found = []
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(index)
            memory = facts.total_memory / 1e9
            found.append(f"cuda:{index} ({facts.name}, {memory:.0f} GB, CUDA {torch.version.cuda})")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, f"cpu ({torch.backends.cpu.get_cpu_capability()})"]


@cache
def has_gpu() -> bool:
    """Whether torch can draw on a GPU here. torch, whose import takes seconds, is only asked where there is one."""
    if not (_has_cuda() or ROCM_DEVICE.exists() or _is_apple()):
        return False
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available() or torch.backends.mps.is_available())


def _has_cuda() -> bool:
    """Asks the driver for its devices."""
    count = ctypes.c_int(0)
    with contextlib.suppress(OSError, AttributeError, KeyError):
        driver = ctypes.CDLL(CUDA_DRIVERS[platform.system()])
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value > 0
    return False


def _is_apple() -> bool:
    return platform.system() == "Darwin" and platform.machine() == "arm64"
