"""What `--runtime auto` draws with: the fastest way that passed its gate, and why, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stylize.config.settings import RunSettings
from stylize.edge.engines import ENGINES, choose_engine
from stylize.edge.export_info import inspect_export
from stylize.edge.library import ExportKey
from stylize.edge.manifest import read_manifest
from stylize.errors import MissingPart
from stylize.generators.backends import Backend, backends_of, best_backend
from stylize.system.devices import has_gpu

TARGET_TITLES = {"cpu-int8": "INT8", "float": "float", "w8": "8-bit weights", "htp-w8a16": "NPU"}


@dataclass(frozen=True)
class BegunWith:
    """What an earlier run of the same job draws with, by its record: the runtime, and the checkpoint's or the
    export's revision."""

    runtime: Literal["torch", "edge"]
    revision: str


@dataclass(frozen=True)
class AutoChoice:
    """The folder of the export to draw with, None for torch; `why` is a sentence for the user."""

    export: Path | None
    why: str


def choose_automatically(
    settings: RunSettings, key: ExportKey, revision: str, begun_with: BegunWith | None = None
) -> AutoChoice:
    """What to draw with where the user leaves it open. torch is not imported unless there may be a GPU.

    Args:
        key: of the exports that can draw in the checkpoint's place.
        revision: the checkpoint's.
        begun_with: what the run that is resumed was begun with. It is kept to: frames of two runtimes differ.

    Raises:
        MissingPart: the run was begun with an export that cannot be used on this machine.
    """
    backends = backends_of(key, settings.device)
    if begun_with is not None:
        kept = _kept(begun_with, backends, revision)
        if kept is not None:
            return kept
    if settings.device == "auto" and has_gpu():
        return AutoChoice(None, "Drawn with torch, for this machine has a GPU.")
    exports = [backend for backend in backends if backend.folder is not None]
    if not exports:
        return AutoChoice(
            None, "Drawn with torch: of this checkpoint, style and ControlNets there is no export."
        )
    usable = [backend for backend in backends if _is_quick(backend, settings.device)]
    best = best_backend(usable)
    if best is None or best.folder is None:
        return AutoChoice(None, f"Drawn with torch: {_why_not(exports, best)}.")
    return AutoChoice(
        Path(best.folder), f"{_describe(best, settings.device)}; --runtime torch draws with torch."
    )


def asks_for_torch(settings: RunSettings) -> str | None:
    """What of the settings is meant for torch, as it is written."""
    if settings.precision != "auto":
        return f"--precision {settings.precision}"
    if settings.device not in ("auto", "cpu", *ENGINES):
        return f"--device {settings.device}"
    if settings.keyframes is not None and settings.open_parts == "learn":
        return "--open-parts learn"
    return None


def _kept(begun_with: BegunWith, backends: Sequence[Backend], revision: str) -> AutoChoice | None:
    """What the run was begun with; None where that is another checkpoint by now, and its frames are of no use."""
    if begun_with.runtime == "torch":
        same = begun_with.revision == revision
        return AutoChoice(None, "Drawn with torch, as this run was begun.") if same else None
    for backend in backends:
        if backend.folder is None or inspect_export(Path(backend.folder)).revision != begun_with.revision:
            continue
        if backend.fault is not None:
            raise MissingPart(
                f"This run was begun with an export that cannot be used here: {backend.fault}.",
                where=backend.folder,
                hint="install what is missing, or draw all of it anew: --runtime torch",
            )
        return AutoChoice(Path(backend.folder), f"{_describe(backend, 'auto')}, as this run was begun.")
    return None


def _is_quick(backend: Backend, device: str) -> bool:
    """Whether a backend may be taken: exports are faster than torch in OpenVINO; elsewhere only measuring tells."""
    if backend.fault is not None:
        return False
    if backend.folder is None or backend.seconds is not None or device in ENGINES:
        return True
    return choose_engine(device, backend.name) == "openvino"


def _why_not(exports: Sequence[Backend], best: Backend | None) -> str:
    faults = [f"the export {each.name} is not used, for {each.fault}" for each in exports if each.fault]
    if faults:
        return "; ".join(faults)
    timed = best is not None and best.seconds is not None
    return "it was measured to be the fastest here" if timed else "exports are slower without OpenVINO"


def _describe(backend: Backend, device: str) -> str:
    """`Drawn with the INT8 export of mini in OpenVINO, 44.1 dB from float`."""
    assert backend.folder is not None
    manifest = read_manifest(Path(backend.folder))
    engine = choose_engine(device, manifest.target)
    shown = {"openvino": "OpenVINO", "onnxruntime": "ONNX Runtime"}.get(engine, engine)
    psnr = "" if backend.psnr is None else f", {backend.psnr:.1f} dB from float"
    return f"Drawn with the {TARGET_TITLES[manifest.target]} export of {manifest.checkpoint} in {shown}{psnr}"
