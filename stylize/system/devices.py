"""torch, and the devices that it can draw on."""

from __future__ import annotations

import importlib.metadata as metadata
from dataclasses import dataclass


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
