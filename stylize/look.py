"""A look: the style, the flags over it, and the machine under it, all decided."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stylize.footage.cadence import Cadence, Hold
from stylize.settings import Repair, RunSettings
from stylize.style import Control, Finish, Lora, NoiseKind, SchedulerName, find_style


class Look(BaseModel):
    """Everything that decides how a plate is drawn. Nothing in it is left open.

    `checkpoint` is a folder, a file or a hub id; `loras` name files or hub ids; `size` is the short side while
    drawing, px; `device` and `precision` are what 'auto' came to.
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


def decide_look(settings: RunSettings, elsewhere: bool = False) -> Look:
    """Brings settings, style and machine together; reads configuration files only, never weights.

    Args:
        settings: what is asked.
        elsewhere: other machines draw, and a device that is named is theirs.

    Raises:
        UsageError, ModelError: a style or checkpoint that is not there.
    """
    from stylize.diffusion.device import choose_device, choose_precision
    from stylize.diffusion.facts import read_facts

    pack = find_style(settings.style, settings.styles_dirs)
    style = pack.style
    facts = read_facts(settings.model or style.checkpoint, settings.offline)
    device = choose_device(settings.device, elsewhere=elsewhere)
    loras = settings.loras
    if loras is None:
        files = zip(style.loras, pack.lora_files, strict=True)
        loras = tuple(Lora(file=file, weight=lora.weight) for lora, file in files)
    return Look(
        style=pack.name,
        checkpoint=facts.place,
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
        controls=settings.controls if settings.controls is not None else style.controls,
        loras=loras,
        finish=style.finish,
        seed=settings.seed,
        steady=settings.steady,
        repair=settings.repair,
        cadence=settings.cadence or style.cadence,
        hold=settings.hold or style.hold,
        batch=settings.batch or (4 if device.type == "cuda" else 1),
        device=str(device),
        precision=choose_precision(settings.precision, device, elsewhere=elsewhere),
        offline=settings.offline,
        annotators=settings.annotators,
    )
