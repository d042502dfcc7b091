"""Before a long film is drawn by torch on a processor: makes an export of its checkpoint where that pays."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from stylize import footage
from stylize.config.settings import RunSettings
from stylize.edge.library import export_folder, exports_for
from stylize.edge.manifest import TargetName
from stylize.events import ReportProgress
from stylize.generators.automatic import asks_for_torch
from stylize.generators.resolve import ResolvedGenerator, resolve
from stylize.generators.timing import time_backends

TARGET: TargetName = "cpu-int8"
PAYS_FROM = 2000
"""Frames. Making an export takes about as long as 400 drawings by torch, and saves half of each."""
SMALL_BYTES = 64 << 20
"""Of weights. Larger checkpoints take from half an hour to a night: that is not begun unasked."""
MINUTES = "about four minutes"
"""On two cores, for checkpoints as small as the bundled one."""


def prepare_export(
    clip: Path, settings: RunSettings, report_progress: ReportProgress, say: Callable[[str], None]
) -> None:
    """Makes the export that `--runtime auto` would draw a film with, if there is none and the film is long enough.

    Does nothing where no export can do what is asked, where a GPU draws, where exports cannot be made here, and for
    large checkpoints: torch draws then, and the plan says so.

    Args:
        clip: what will be drawn; INT8 is calibrated on it.
        say: is called with a sentence before what takes long.

    Raises:
        StylizeError: what is missing or does not fit, and where.
    """
    if settings.runtime != "auto" or not has_builder() or asks_for_torch(settings):
        return
    resolved = resolve(settings)
    if resolved.config.runtime != "torch" or resolved.config.device != "cpu" or resolved.only_torch:
        return
    if resolved.checkpoint.weights_bytes > SMALL_BYTES or exports_for(resolved.export_key):
        return
    frames = footage.probe(clip, rate=footage.parse_rate(settings.rate)).frame_count
    if settings.start is None and settings.end is None and frames >= PAYS_FROM:
        say(
            f"making an INT8 export for this film's {frames} frames, once, {MINUTES}; --runtime torch needs none"
        )
        _make_export(clip, resolved, report_progress)
        time_backends(resolved.config, resolved.export_key, report_progress)


def has_builder() -> bool:
    """Whether exports can be made here."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "aimet_torch", "onnx"))


def _make_export(clip: Path, resolved: ResolvedGenerator, report_progress: ReportProgress) -> None:
    from stylize.edge.quantize.build import build
    from stylize.edge.quantize.plates import read_plates
    from stylize.edge.quantize.request import BuildRequest

    key = resolved.export_key
    plates = read_plates(clip, resolved.config.size, None)
    exact = resolved.config.model_copy(update={"precision": "fp32"})
    folder = export_folder(key, TARGET, None)
    build(BuildRequest(exact, resolved.checkpoint, key, TARGET, folder, plates), report_progress)
