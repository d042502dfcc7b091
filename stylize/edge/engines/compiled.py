"""Compiled networks, kept in the user's cache: compiling one takes three times as long as reading it back."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from stylize.errors import CannotWrite
from stylize.storage.atomic import atomic_write
from stylize.storage.digests import digest_of
from stylize.storage.fingerprint import fingerprint, fingerprint_code
from stylize.storage.user_cache import make_room, user_cache_folder
from stylize.system.machine import read_processor

KEPT_BYTES = 256 << 20
"""Of the folder of compiled networks. Those that were not used for the longest time make room, and one that would
take all of it is not kept."""
DIGEST_BYTES = 32


def compiled_folder() -> Path:
    return user_cache_folder() / "compiled"


def compiled_name(model: Path, shapes: object, options: Mapping[str, Any], version: str) -> str:
    """The name of a compiled network: it stands for all that decides it, the code of this folder as well.

    Args:
        version: of the compiler.
    """
    processor = read_processor()
    facts = (processor.name, processor.cores, processor.features)
    digests = [digest_of(file) for file in _files_of(model)]
    return fingerprint(digests, shapes, options, version, fingerprint_code(Path(__file__).parent), facts)


def _files_of(model: Path) -> list[Path]:
    """The ONNX file, and the one beside it that holds its weights where they are too large to stand in it."""
    weights = model.with_name(f"{model.name}.data")
    return [model, weights] if weights.is_file() else [model]


def compiled(
    core: Any, model: Path, name: str, options: Mapping[str, Any], compile_anew: Callable[[], Any]
) -> Any:
    """A compiled network out of the cache, or compiled and put there if there is room for it. A cache that cannot
    be read or written costs the time of compiling, and nothing else."""
    if sum(each.stat().st_size for each in _files_of(model)) > KEPT_BYTES:
        return compile_anew()  # it holds the weights: writing it down would take longer than it ever spares
    file = compiled_folder() / f"{name}.bin"
    found = _read(file)
    if found is not None:
        with suppress(RuntimeError):  # of a build that does not know its own version
            return core.import_model(io.BytesIO(found), "CPU", dict(options))
    network = compile_anew()
    blob = io.BytesIO()
    network.export_model(blob)
    if blob.tell() > KEPT_BYTES:
        return network
    with suppress(CannotWrite):
        atomic_write(file, hashlib.sha256(blob.getvalue()).digest() + blob.getvalue())
        make_room(file, KEPT_BYTES)
    return network


def _read(file: Path) -> bytes | None:
    """The contents of a cached file, where they are whole."""
    try:
        content = file.read_bytes()
        file.touch()
    except OSError:
        return None
    digest, blob = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return blob if hashlib.sha256(blob).digest() == digest else None
