"""A look: the style, the flags over it, and the machine under it, all decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from stylize.config.settings import Repair, RunSettings
from stylize.config.style import Control, Finish, Lora, NoiseKind, SchedulerName, find_style
from stylize.errors import UsageError
from stylize.footage.cadence import Cadence, Hold

if TYPE_CHECKING:
    from stylize.diffusion.checkpoint_info import Facts


class Look(BaseModel):
    """Everything that decides how a plate is drawn. Nothing in it is left open.

    `checkpoint` is a folder, a file or a hub id, and for the edge runtime an export's folder; `loras` name files or
    hub ids; `size` is the short side while drawing, px; `device` and `precision` are what 'auto' came to: of the
    edge runtime, the engine and the export's target.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: str
    checkpoint: str
    prompt: str
    negative_prompt: str
    strength: float
    guidance: float
    steps: int
    clip_skip: int
    scheduler: SchedulerName | None
    noise: NoiseKind
    size: int
    controls: tuple[Control, ...]
    loras: tuple[Lora, ...]
    finish: Finish
    seed: int
    steady: float
    repair: Repair
    cadence: Cadence
    hold: Hold
    batch: int
    device: str
    precision: str
    offline: bool
    annotators: Path | None = None
    runtime: Literal["torch", "edge"] = "torch"


def decide_look(settings: RunSettings, elsewhere: bool = False) -> Look:
    """Brings settings, style and machine together; reads configuration files only, never weights.

    Args:
        settings: what is asked.
        elsewhere: other machines draw, and a device that is named is theirs.

    Raises:
        UsageError, ModelError: a style or checkpoint that is not there.
    """
    from stylize.diffusion.checkpoint_info import read_facts

    pack = find_style(settings.style, settings.styles_dirs)
    style = pack.style
    name = settings.model or style.checkpoint
    facts = read_facts(name, settings.offline)
    loras = settings.loras
    if loras is None:
        files = zip(style.loras, pack.lora_files, strict=True)
        loras = tuple(Lora(file=file, weight=lora.weight) for lora, file in files)
    controls = settings.controls if settings.controls is not None else style.controls
    road = _decide_road(settings, name, facts, controls, loras, style.clip_skip, elsewhere)
    return Look(
        style=pack.name,
        checkpoint=road.checkpoint,
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
        steady=settings.steady,
        repair=settings.repair,
        cadence=settings.cadence or style.cadence,
        hold=settings.hold or style.hold,
        batch=settings.batch or road.batch,
        device=road.device,
        precision=road.precision,
        offline=settings.offline,
        annotators=settings.annotators,
        runtime=road.runtime,
    )


@dataclass(frozen=True)
class _Road:
    """Where a look is drawn, and with what."""

    runtime: Literal["torch", "edge"]
    checkpoint: str
    device: str
    precision: str
    batch: int


def _decide_road(
    settings: RunSettings,
    name: str,
    facts: Facts,
    controls: tuple[Control, ...],
    loras: tuple[Lora, ...],
    clip_skip: int,
    elsewhere: bool,
) -> _Road:
    from stylize.edge.manifest import is_export

    if is_export(facts.place):
        if settings.runtime == "torch":
            raise UsageError(
                "This folder is an export for the edge runtime.", where=facts.place, hint="add --runtime edge"
            )
        return _export_road(Path(facts.place), settings, controls, loras, clip_skip)
    if settings.runtime == "torch":
        return _torch_road(settings, facts, elsewhere)
    from stylize.edge.library import wanted_of
    from stylize.generators.backends import best_of, choose_export, roads_of

    wanted = wanted_of(facts.revision, controls, loras, clip_skip)
    if settings.runtime == "edge":
        folder = choose_export(wanted, settings.device, name)
        return _export_road(folder, settings, controls, loras, clip_skip)
    best = best_of(roads_of(wanted))
    if best is None or best.folder is None:
        return _torch_road(settings, facts, elsewhere)
    return _export_road(Path(best.folder), settings, controls, loras, clip_skip)


def _torch_road(settings: RunSettings, facts: Facts, elsewhere: bool) -> _Road:
    from stylize.diffusion.device import choose_device, choose_precision

    device = choose_device(settings.device, elsewhere=elsewhere)
    precision = choose_precision(settings.precision, device, elsewhere=elsewhere)
    return _Road("torch", facts.place, str(device), precision, 4 if device.type == "cuda" else 1)


def _export_road(
    folder: Path,
    settings: RunSettings,
    controls: tuple[Control, ...],
    loras: tuple[Lora, ...],
    clip_skip: int,
) -> _Road:
    from stylize.edge.engines import choose_engine
    from stylize.edge.export_info import check_fits
    from stylize.edge.manifest import read_manifest

    manifest = read_manifest(folder)
    check_fits(folder, manifest, controls, loras, clip_skip)
    return _Road("edge", str(folder), choose_engine(settings.device, manifest.target), manifest.target, 1)
