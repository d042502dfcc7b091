"""Settings, style and machine brought together: what is drawn, with what, on which device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stylize.config.packs.find import find_style
from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.config.style import Control, Lora
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.errors import UsageError
from stylize.generators.inspect import inspect_checkpoint


def resolve_config(settings: RunSettings, remote: bool = False) -> ResolvedConfig:
    """Brings settings, style and machine together; reads configuration files only, never weights.

    Args:
        settings: what is asked.
        elsewhere: other machines draw, and a device that is named is theirs.

    Raises:
        UsageError, ModelError: a style or checkpoint that is not there.
    """
    pack = find_style(settings.style, settings.styles_dirs)
    style = pack.style
    name = settings.model or style.checkpoint
    facts = inspect_checkpoint(name, settings.offline)
    loras = settings.loras
    if loras is None:
        files = zip(style.loras, pack.lora_files, strict=True)
        loras = tuple(Lora(file=file, weight=lora.weight) for lora, file in files)
    controls = settings.controls if settings.controls is not None else style.controls
    backend = _decide_backend(settings, name, facts, controls, loras, style.clip_skip, remote)
    return ResolvedConfig(
        style=pack.name,
        checkpoint=backend.checkpoint,
        prompt=settings.prompt if settings.prompt is not None else style.prompt,
        negative_prompt=(
            settings.negative_prompt if settings.negative_prompt is not None else style.negative_prompt
        ),
        strength=settings.strength or style.strength,
        guidance=settings.guidance or style.guidance,
        steps=settings.steps or style.steps,
        clip_skip=style.clip_skip,
        scheduler=settings.scheduler or style.scheduler,
        noise=settings.noise or style.noise,
        size=settings.size or style.size or facts.short_side,
        controls=controls,
        loras=loras,
        finish=style.finish,
        seed=settings.seed,
        deflicker=settings.deflicker,
        repair=settings.repair,
        cadence=settings.cadence or style.cadence,
        hold=settings.hold or style.hold,
        batch=settings.batch or backend.batch,
        device=backend.device,
        precision=backend.precision,
        offline=settings.offline,
        annotators=settings.annotators,
        runtime=backend.runtime,
    )


@dataclass(frozen=True)
class _Backend:
    """Where a look is drawn, and with what."""

    runtime: Literal["torch", "edge"]
    checkpoint: str
    device: str
    precision: str
    batch: int


def _decide_backend(
    settings: RunSettings,
    name: str,
    facts: CheckpointInfo,
    controls: tuple[Control, ...],
    loras: tuple[Lora, ...],
    clip_skip: int,
    remote: bool,
) -> _Backend:
    from stylize.edge.manifest import is_export

    if is_export(facts.place):
        if settings.runtime == "torch":
            raise UsageError(
                "This folder is an export for the edge runtime.", where=facts.place, hint="add --runtime edge"
            )
        return _export_backend(Path(facts.place), settings, controls, loras, clip_skip)
    if settings.runtime == "torch":
        return _torch_backend(settings, facts, remote)
    from stylize.edge.library import wanted_of
    from stylize.generators.backends import backends_of, best_backend, choose_export

    wanted = wanted_of(facts.revision, controls, loras, clip_skip)
    if settings.runtime == "edge":
        folder = choose_export(wanted, settings.device, name)
        return _export_backend(folder, settings, controls, loras, clip_skip)
    best = best_backend(backends_of(wanted))
    if best is None or best.folder is None:
        return _torch_backend(settings, facts, remote)
    return _export_backend(Path(best.folder), settings, controls, loras, clip_skip)


def _torch_backend(settings: RunSettings, facts: CheckpointInfo, remote: bool) -> _Backend:
    from stylize.diffusion.device import choose_device, choose_precision

    device = choose_device(settings.device, remote=remote)
    precision = choose_precision(settings.precision, device, remote=remote)
    return _Backend("torch", facts.place, str(device), precision, 4 if device.type == "cuda" else 1)


def _export_backend(
    folder: Path,
    settings: RunSettings,
    controls: tuple[Control, ...],
    loras: tuple[Lora, ...],
    clip_skip: int,
) -> _Backend:
    from stylize.edge.engines import choose_engine
    from stylize.edge.export_info import check_fits
    from stylize.edge.manifest import read_manifest

    manifest = read_manifest(folder)
    check_fits(folder, manifest, controls, loras, clip_skip)
    return _Backend("edge", str(folder), choose_engine(settings.device, manifest.target), manifest.target, 1)
