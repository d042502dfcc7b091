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
class Room:
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
    """Leaves OpenCV its share of the cores while so many of our threads compute side by side.

    Its own threads wait by spinning: more of them than there are idle cores take time from the others.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(max(1, min(before, usable_cores() // threads)))
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def read_memory() -> Room | None:
    """Main memory, within the limit of a container; None where the system does not say."""
    room = _proc_memory() or _posix_memory() or _windows_memory()
    if room is None:
        return None
    limits = [int(text) for text in map(_read, _CGROUP_LIMITS) if text.isdigit()]
    total = min([room.total, *limits])
    return Room(total, min(room.free, total))


def read_disk(folder: Path) -> Room:
    """The disk that `folder` lies on."""
    usage = shutil.disk_usage(folder)
    return Room(usage.total, usage.free)


def high_water(process: int | str = "self") -> int | None:
    """The most bytes that a running process has had resident so far; None where the system does not say.

    Linux: the kernel's mark of this program alone. (`ru_maxrss` also remembers what the process held before
    it became this program.)
    """
    for line in _read(f"/proc/{process}/status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def peak_of_this_process() -> int:
    """The most bytes this process has had resident; 0 where the system does not say."""
    mark = high_water()
    if mark is not None:
        return mark
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0
    return peak_in_bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak_in_bytes(maxrss: int) -> int:
    """`ru_maxrss` is told in bytes by macOS, in kibibytes by the others."""
    return maxrss if platform.system() == "Darwin" else maxrss * 1024


def _read(path: str) -> str:
    with contextlib.suppress(OSError):  # not this kind of system
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _cpuinfo() -> dict[str, str]:
    """The first core's entry in /proc/cpuinfo."""
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


def _proc_memory() -> Room | None:
    pairs = (line.partition(":") for line in _read("/proc/meminfo").splitlines())
    kilobytes = {name: int(value.split()[0]) for name, _, value in pairs if value.split()}
    if not {"MemTotal", "MemAvailable"} <= kilobytes.keys():
        return None
    return Room(kilobytes["MemTotal"] * 1024, kilobytes["MemAvailable"] * 1024)


def _posix_memory() -> Room | None:
    """macOS and other systems without /proc: what is free there says little, so the total stands for it."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    return Room(total, total)


def _windows_memory() -> Room | None:
    if platform.system() != "Windows":
        return None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        ]

    status = Status(length=ctypes.sizeof(Status))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return Room(status.total, status.free)
