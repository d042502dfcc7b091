"""Which runtime draws a look here: torch, or an export that passes its gate and is quicker."""

from __future__ import annotations

import importlib.metadata as metadata
import importlib.util
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from stylize.config.resolved import ResolvedConfig
from stylize.edge.engines import choose_engine
from stylize.edge.gate import fault_of
from stylize.edge.library import Wanted, exports_of, library_folder
from stylize.edge.manifest import Manifest
from stylize.errors import MissingPart, UsageError
from stylize.footage.clip import Pixels, Shot
from stylize.generators.load import load_generator
from stylize.storage.fingerprint import fingerprint
from stylize.system.machine import read_processor

TORCH = "torch"
ROUNDS = 3
Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Backend:
    """One way to draw a look: in torch, or from the export in `folder`. `fault`: why it is not taken."""

    name: str
    folder: str | None
    seconds: float | None
    psnr: float | None
    fault: str | None


def backends_of(wanted: Wanted, device: str = "auto") -> list[Backend]:
    """Every way that is here, as last measured on this machine; exports of one fixed size are left out."""
    backends = [
        Backend(TORCH, None, None, None, None if has_torch() else "the package torch is not installed")
    ]
    for folder, manifest in exports_of(wanted):
        if manifest.size is None:
            psnr = manifest.metrics.psnr if manifest.metrics else None
            backends.append(Backend(manifest.target, str(folder), None, psnr, _fault(manifest, device)))
    known = {(backend.name, backend.folder): backend.seconds for backend in _read(wanted)}
    return [replace(backend, seconds=known.get((backend.name, backend.folder))) for backend in backends]


def best_backend(backends: list[Backend]) -> Backend | None:
    """The quickest of those without a fault; unmeasured ones in the order they come, exports first."""
    able = [backend for backend in backends if backend.fault is None]
    if able and all(backend.seconds is not None for backend in able):
        return min(able, key=lambda backend: backend.seconds or 0.0)
    return next((backend for backend in able if backend.name != TORCH), able[0] if able else None)


def choose_export(wanted: Wanted, device: str, checkpoint: str) -> Path:
    """The export that `--runtime edge` draws with.

    Raises:
        UsageError: there is none that fits, or none that draws well enough.
    """
    exports = [backend for backend in backends_of(wanted, device) if backend.folder is not None]
    hint = f"make one: stylize edge quantize {checkpoint} --target cpu-int8 --calibrate CLIP"
    if not exports:
        raise UsageError(
            "There is no export of this checkpoint for this style here.", where=checkpoint, hint=hint
        )
    best = best_backend(exports)
    if best is None or best.folder is None:
        faults = "; ".join(f"{backend.name}: {backend.fault}" for backend in exports)
        raise UsageError(
            f"No export of this checkpoint can be used: {faults}.",
            where=checkpoint,
            hint="name one all the same with --model FOLDER, or use --runtime torch",
        )
    return Path(best.folder)


def measure(config: ResolvedConfig, wanted: Wanted, tell: Tell) -> list[Backend]:
    """Times every road that has no fault, one frame each in turn, and keeps the verdict for this machine.

    Args:
        look: as torch would draw it.
    """
    backends = backends_of(wanted)
    plate = np.random.default_rng(0).random((config.size, config.size, 3), np.float32)
    times: dict[int, list[float]] = {}
    generators_of_backends = {
        number: load_generator(config_on(config, backend))
        for number, backend in enumerate(backends)
        if backend.fault is None
    }
    for turn in range(ROUNDS):
        for number, generator in generators_of_backends.items():
            tell("measure", f"{backends[number].name}, frame {turn + 1} of {ROUNDS}")
            times.setdefault(number, []).append(_time(generator.draw, plate))
    timed = [
        replace(backend, seconds=round(min(times[number][1:]), 4) if number in times else None)
        for number, backend in enumerate(backends)
    ]
    file = _verdict_file(wanted)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps([asdict(backend) for backend in timed], indent=1))
    temporary.replace(file)
    return timed


def config_on(config: ResolvedConfig, backend: Backend) -> ResolvedConfig:
    """The look as it is drawn on a road."""
    if backend.folder is None:
        return config
    return config.model_copy(
        update={
            "runtime": "edge",
            "checkpoint": backend.folder,
            "device": choose_engine("auto", backend.name),
            "precision": backend.name,
            "batch": 1,
        }
    )


def has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def has_builder() -> bool:
    """Whether exports can be made here."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "aimet_torch", "onnx"))


def _time(draw: Callable[[list[Pixels], list[int], Shot], object], plate: Pixels) -> float:
    began = time.perf_counter()
    draw([plate], [0], Shot(0, 1))
    return time.perf_counter() - began


def _fault(manifest: Manifest, device: str) -> str | None:
    try:
        choose_engine(device, manifest.target)
    except (MissingPart, UsageError) as error:
        return str(error)
    return fault_of(manifest)


def _read(wanted: Wanted) -> list[Backend]:
    try:
        return [Backend(**each) for each in json.loads(_verdict_file(wanted).read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _verdict_file(wanted: Wanted) -> Path:
    """Of this machine: another processor or another runtime is measured anew."""
    processor = read_processor()
    versions = {}
    for name in ("torch", "onnxruntime", "openvino"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "none"
    machine = fingerprint(processor.name, processor.cores, processor.features, versions)
    return library_folder() / "roads" / f"{wanted.key}-{machine}.json"
