"""Whether a checkpoint's weight files are whole, and their hash; nothing is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WeightFiles:
    """A checkpoint's .safetensors files: their bytes in all, SHA-256 over names and bytes, and what is wrong."""

    name: str
    folder: Path
    size: int
    sha256: str
    fault: str | None


def read_weight_files(folder: Path) -> WeightFiles:
    """Hashes the weight files under `folder`, in the order of their names, and checks that each is whole."""
    digest, size, faults = hashlib.sha256(), 0, []
    files = sorted(folder.rglob("*.safetensors"), key=lambda file: file.relative_to(folder).as_posix())
    for file in files:
        name = file.relative_to(folder).as_posix()
        try:
            data = file.read_bytes()
        except OSError as error:
            faults.append(f"{name} cannot be read: {error.strerror}")
            continue
        digest.update(name.encode() + b"\0" + data)
        size += len(data)
        if fault := fault_of_safetensors(file, data):
            faults.append(f"{name} {fault}")
    if not files:
        faults.append("it has no weights")
    return WeightFiles(folder.name, folder, size, digest.hexdigest(), "; ".join(faults) or None)


def fault_of_safetensors(file: Path, data: bytes) -> str | None:
    """What is wrong with a .safetensors file: a bad header, or more or fewer bytes than that announces."""
    if data.startswith(b"version https://git-lfs"):
        return "is a pointer: run git lfs pull"
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        return "cannot be checked: the package safetensors is not installed"
    try:
        with safe_open(file, framework="numpy"):
            return None
    except (SafetensorError, OSError) as error:
        return f"is damaged: {error}"
