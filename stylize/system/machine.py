"""What this machine has: processor, memory, disk."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FEATURES = (
    "avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8",
    "asimd", "asimddp", "i8mm", "bf16", "sve",
)  # fmt: skip
"""The instruction sets that make networks fast, by the kernel's names."""
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class Processor:
    """The CPU: its name, the cores this process may use, and the instruction sets worth knowing."""

    name: str
    cores: int
    features: tuple[str, ...]


@dataclass(frozen=True)
class Capacity:
    """Bytes in all, and bytes free."""

    total: int
    free: int


def read_processor() -> Processor:
    facts = _cpuinfo()
    name = facts.get("model name") or _mac_processor() or platform.processor() or platform.machine()
    flags = set((facts.get("flags") or facts.get("Features") or "").split())
    return Processor(name, usable_cores(), tuple(feature for feature in FEATURES if feature in flags))


def usable_cores() -> int:
    """The cores that this process may run on: fewer than the machine has where a scheduler says so."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def cores_shared(threads: int) -> Iterator[None]:
    """Limits OpenCV to its share of the cores while so many of our threads compute side by side.

    OpenCV's own threads wait by spinning: more of them than there are idle cores take time from the others.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(max(1, min(before, usable_cores() // threads)))
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def read_memory() -> Capacity:
    """Main memory, within the limit of a container (cgroup v2 or v1)."""
    import psutil

    memory = psutil.virtual_memory()
    limits = [int(text) for text in map(_read, _CGROUP_LIMITS) if text.isdigit()]
    total = min([memory.total, *limits])
    return Capacity(total, min(memory.available, total))


def read_disk(folder: Path) -> Capacity:
    """The disk that `folder` lies on."""
    usage = shutil.disk_usage(folder)
    return Capacity(usage.total, usage.free)


def high_water(process: int | str = "self") -> int | None:
    """The most bytes that a running process has had resident so far; None outside Linux.

    It is the kernel's mark of this program alone, which psutil does not read. (`ru_maxrss` also remembers what the
    process held before it became this program.)
    """
    for line in _read(f"/proc/{process}/status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def peak_of_this_process() -> int:
    """The most bytes this process has had resident."""
    mark = high_water()
    if mark is not None:
        return mark
    if platform.system() == "Windows":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return peak_in_bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak_in_bytes(maxrss: int) -> int:
    """`ru_maxrss` in bytes: macOS gives bytes, the others kibibytes."""
    return maxrss if platform.system() == "Darwin" else maxrss * 1024


def _read(path: str) -> str:
    with contextlib.suppress(OSError):  # not this kind of system
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _cpuinfo() -> dict[str, str]:
    """The first core's entry in /proc/cpuinfo: psutil knows neither a processor's name nor its instruction sets."""
    first_core = _read("/proc/cpuinfo").split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in first_core.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _mac_processor() -> str:
    if platform.system() != "Darwin":
        return ""
    ask = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(ask, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    return ""
