"""The first use of `--runtime auto` on a machine: makes exports of the checkpoint, and times every backend."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stylize import footage
from stylize.config.settings import RunSettings
from stylize.edge.library import export_folder
from stylize.edge.live.find import is_live_name
from stylize.edge.manifest import TargetName, is_export
from stylize.events import ReportProgress
from stylize.generators.backends import Backend, backends_of, best_backend, has_torch
from stylize.generators.resolve import ResolvedGenerator, resolve
from stylize.generators.timing import time_backends

TARGETS: tuple[TargetName, ...] = ("float", "cpu-int8")
"""The exports that are made. Float draws what torch draws, compiled; INT8 is faster and has to pass its gate."""


def prepare_backends(
    clip: Path, settings: RunSettings, report_progress: ReportProgress, say: Callable[[str], None]
) -> None:
    """Makes and times what `--runtime auto` chooses from, as far as it is not there yet.

    Does nothing where exports cannot be made or cannot do what is asked, where the model named is an export, and
    where torch draws on a GPU, which is faster than any export on the processor.

    Args:
        clip: what will be drawn; INT8 is calibrated on it.
        say: is called with a sentence before what takes long, and with the choice.

    Raises:
        StylizeError: what is missing or does not fit, and where.
    """
    is_ready = settings.model and (is_export(settings.model) or is_live_name(settings.model))
    if not has_torch() or not has_builder() or is_ready:
        return
    resolved = resolve(settings.model_copy(update={"runtime": "torch"}))
    if resolved.config.device != "cpu" or resolved.only_torch:
        return
    _make_exports(clip, resolved, report_progress, say)
    backends = backends_of(resolved.export_key)
    if any(backend.fault is None and backend.seconds is None for backend in backends):
        backends = time_backends(resolved.config, resolved.export_key, report_progress)
    best = best_backend(backends)
    if best is not None:
        say(_describe_choice(best, backends))


def has_builder() -> bool:
    """Whether exports can be made here."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "aimet_torch", "onnx"))


def _make_exports(
    clip: Path, resolved: ResolvedGenerator, report_progress: ReportProgress, say: Callable[[str], None]
) -> None:
    """Makes those of `TARGETS` that are missing, if the clip is long enough to calibrate on."""
    from stylize.edge.quantize.build import build
    from stylize.edge.quantize.plates import MIN_FRAMES, read_plates
    from stylize.edge.quantize.request import BuildRequest

    key = resolved.export_key
    folders = {target: export_folder(key, target, None) for target in TARGETS}
    missing = [target for target, folder in folders.items() if not is_export(folder)]
    if not missing or footage.probe(clip).frame_count < MIN_FRAMES:
        return
    say(f"making exports for this machine, once: {', '.join(missing)} (a minute or two)")
    plates = read_plates(clip, resolved.config.size, None)
    exact = resolved.config.model_copy(update={"precision": "fp32"})
    request = BuildRequest(exact, resolved.checkpoint, key, missing[0], folders[missing[0]], plates)
    for target in missing:
        build(replace(request, target=target, out=folders[target]), report_progress)


def _describe_choice(best: Backend, backends: Sequence[Backend]) -> str:
    others = "; ".join(
        f"{backend.name} {backend.fault or f'{backend.seconds:.2f} s a frame'}"
        for backend in backends
        if backend is not best
    )
    return f"drawing with {best.name} ({best.seconds or 0:.2f} s a frame; {others})"
