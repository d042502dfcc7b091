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
        if data.startswith(b"version https://git-lfs"):
            faults.append(f"{name} is a pointer: run git lfs pull")
    if not files:
        faults.append("it has no weights")
    fault = "; ".join(faults) or _fault_of_contents(folder, files)
    return WeightFiles(folder.name, folder, size, digest.hexdigest(), fault)


def _fault_of_contents(folder: Path, files: list[Path]) -> str | None:
    """The files with a header that cannot be read, or with more or fewer bytes than it announces."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        return "its files cannot be checked without the package safetensors"
    faults = []
    for file in files:
        try:
            with safe_open(file, framework="numpy"):
                pass
        except (SafetensorError, OSError) as error:
            faults.append(f"{file.relative_to(folder).as_posix()} is damaged: {error}")
    return "; ".join(faults) or None
