"""The backends of this machine that can draw what is asked, and which is best: torch, or one of the exports."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stylize.config.resolved import ResolvedConfig
from stylize.edge.engines import choose_engine
from stylize.edge.gate import fault_of
from stylize.edge.library import ExportKey, exports_for
from stylize.edge.manifest import Manifest
from stylize.errors import MissingPart, UsageError
from stylize.generators.timings_cache import read_timings

TORCH = "torch"


@dataclass(frozen=True)
class Backend:
    """One way to draw: with torch, or from the export in `folder`.

    `name` is 'torch' or the export's target; `seconds` a frame as last measured here, None if it never was;
    `psnr` the export's frames compared with float, dB; `fault` why it is not taken, None where it may be.
    """

    name: str
    folder: str | None
    seconds: float | None
    psnr: float | None
    fault: str | None


def backends_of(key: ExportKey, device: str = "auto") -> list[Backend]:
    """Torch, and every export of this machine with that key; those for one fixed size are left out.

    Args:
        device: what exports are to run on; see `stylize.edge.engines.choose_engine`.
    """
    timings = read_timings(key)
    torch_fault = None if has_torch() else "the package torch is not installed"
    backends = [Backend(TORCH, None, timings.get((TORCH, None)), None, torch_fault)]
    for path, manifest in exports_for(key):
        if manifest.size is None:
            name, folder = manifest.target, str(path)
            psnr = manifest.metrics.psnr if manifest.metrics else None
            seconds = timings.get((name, folder))
            backends.append(Backend(name, folder, seconds, psnr, _fault(manifest, device)))
    return backends


def best_backend(backends: Sequence[Backend]) -> Backend | None:
    """The fastest of those without a fault; while one of them is not timed, the first export, else torch."""
    usable = [backend for backend in backends if backend.fault is None]
    if usable and all(backend.seconds is not None for backend in usable):
        return min(usable, key=lambda backend: backend.seconds or 0.0)
    return next((backend for backend in usable if backend.name != TORCH), usable[0] if usable else None)


def choose_export(key: ExportKey, device: str, checkpoint: str) -> Path:
    """The export that `--runtime edge` draws with.

    Args:
        checkpoint: its name, for the messages.

    Raises:
        UsageError: there is no export with that key, or none that draws well enough.
    """
    exports = [backend for backend in backends_of(key, device) if backend.folder is not None]
    if not exports:
        raise UsageError(
            "There is no export of this checkpoint for this style here.",
            where=checkpoint,
            hint=f"make one: stylize edge quantize {checkpoint} --target cpu-int8 --calibrate CLIP",
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


def config_on(config: ResolvedConfig, backend: Backend) -> ResolvedConfig:
    """A config for torch, as it is drawn on a backend."""
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


def _fault(manifest: Manifest, device: str) -> str | None:
    try:
        choose_engine(device, manifest.target)
    except (MissingPart, UsageError) as error:
        return str(error)
    return fault_of(manifest)
