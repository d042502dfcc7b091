"""Settings, style, checkpoint and machine brought together: what is drawn, with what, on which device."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from stylize.config.packs.find import find_style
from stylize.config.packs.pack import StylePack
from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.config.style import Control, Lora, Style
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.device import choose_devices, choose_precision
from stylize.diffusion.families import ALL_FAMILIES, FAMILIES, PIPELINES
from stylize.diffusion.sizes import working_size
from stylize.diffusion.vae_pieces import Pieces
from stylize.edge.engines import choose_engine
from stylize.edge.export_info import check_fits, inspect_export
from stylize.edge.library import ExportKey, export_key_of
from stylize.edge.live.find import is_live_name
from stylize.edge.manifest import is_export, read_manifest
from stylize.errors import UsageError
from stylize.generators.automatic import BegunWith, asks_for_torch, choose_automatically
from stylize.generators.backends import choose_export
from stylize.generators.enlarging import EDGES, check_enlarging
from stylize.generators.faces import faces_of
from stylize.generators.fetching import check_fetching
from stylize.generators.inspect import inspect_checkpoint
from stylize.generators.live.resolve import resolve_live
from stylize.generators.loras import check_lora_files, loras_of
from stylize.generators.memory_fit import WIDE, UnetWork, fit_unet
from stylize.generators.only_torch import only_torch, prompts_of, too_long
from stylize.generators.pipeline_style import (
    PipelineFit,
    fit_of,
    memory_budget,
    refuse_for_unets,
    style_for_pipeline,
    transformer_of,
    windows_of,
)
from stylize.generators.shown_pictures import adapter_of

GPU_BATCH = 4


@dataclass(frozen=True)
class ResolvedGenerator:
    """A config with nothing left open, and what is known of the checkpoint or export that it names.

    `only_torch` names what no export can do, of all that is asked; None where there is no such thing. `why` says in
    a sentence what `--runtime auto` came to; "" where the user has named the runtime.
    """

    config: ResolvedConfig
    checkpoint: CheckpointInfo
    only_torch: str | None = None
    why: str = ""

    @property
    def export_key(self) -> ExportKey:
        """The key of the exports that can draw in place of this checkpoint; `config` must be one for torch."""
        config = self.config
        return export_key_of(self.checkpoint.revision, config.controls, config.loras, config.clip_skip)


def resolve_config(settings: RunSettings, remote: bool = False) -> ResolvedConfig:
    """The config of `resolve`."""
    return resolve(settings, remote).config


def resolve(
    settings: RunSettings, remote: bool = False, begun_with: BegunWith | None = None
) -> ResolvedGenerator:
    """Brings settings, style, checkpoint and machine together; reads configuration files, loads no weights.

    Args:
        settings: what is asked; what it leaves open comes from the style, then from the checkpoint.
        remote: other machines draw: a device that is named is theirs, and is not looked for on this one.
        begun_with: what the run that is resumed draws with, where `--runtime auto` leaves it open.

    Raises:
        UsageError, ModelError: a style or checkpoint that is not there, or that do not fit together.
    """
    pack = find_style(settings.style, settings.styles_dirs)
    offline = check_fetching(settings, pack)
    name = settings.model or pack.style.checkpoint
    if is_live_name(name):
        return ResolvedGenerator(*resolve_live(settings, name, pack))
    checkpoint = inspect_checkpoint(name, offline)
    style = pack.style.with_checkpoint(name, checkpoint.family)
    loras = loras_of(settings, pack)
    if checkpoint.family in PIPELINES:
        style = style_for_pipeline(
            style, PIPELINES[checkpoint.family], settings, name == pack.style.checkpoint
        )
    else:
        refuse_for_unets(settings, loras)
    shown = {} if checkpoint.family in PIPELINES else adapter_of(settings)
    request = _Request(
        settings=settings,
        name=name,
        checkpoint=checkpoint,
        controls=settings.controls if settings.controls is not None else style.controls,
        loras=loras,
        clip_skip=settings.clip_skip if settings.clip_skip is not None else style.clip_skip,
        only_torch=only_torch(settings, style, checkpoint),
        prompts=prompts_of(settings, style),
        remote=remote,
        begun_with=begun_with,
    )
    choice = _choose_runtime(request)
    pipeline = PIPELINES.get(checkpoint.family)
    size = settings.size or style.size or request.checkpoint.short_side
    most_px = None if settings.size or style.size else _most_px(request.checkpoint)
    guidance = settings.guidance or style.guidance
    batch = settings.batch or choice.batch
    budget = memory_budget(settings, choice.device)
    pieces: Pieces | None = None
    fitting = PipelineFit()
    if pipeline is not None:
        wide = working_size(round(size * WIDE), size, size, most_px)
        fitting = fit_of(pipeline, checkpoint, settings, choice.device, choice.precision, wide)
        pieces = fitting.pieces
    if pipeline is None and choice.runtime == "torch" and budget is not None:
        shrinks = settings.batch is None
        work = UnetWork(size, most_px, guidance > 1, len(request.controls), batch, shrinks)
        fit = fit_unet(choice.checkpoint, choice.precision, work, budget)
        batch, pieces = (fit.batch, fit.pieces) if fit else (batch, None)
    is_video = pipeline is not None and pipeline.kind == "shot"
    window, overlap = windows_of(pipeline, settings) if pipeline and is_video else (None, None)
    config = ResolvedConfig(
        style=pack.name,
        checkpoint=choice.checkpoint.place,
        prompt=settings.prompt if settings.prompt is not None else style.prompt,
        negative_prompt=(
            settings.negative_prompt if settings.negative_prompt is not None else style.negative_prompt
        ),
        strength=settings.strength or style.strength,
        guidance=guidance,
        steps=settings.steps or style.steps,
        clip_skip=request.clip_skip,
        scheduler=settings.scheduler or style.scheduler,
        noise=settings.noise or style.noise,
        size=size,
        most_px=most_px,
        controls=request.controls,
        loras=request.loras,
        finish=style.finish,
        seed=settings.seed,
        deflicker=settings.deflicker,
        repair=settings.repair,
        cadence=settings.cadence or style.cadence,
        hold=settings.hold or style.hold,
        batch=batch,
        device=choice.device,
        precision=choice.precision,
        offline=offline,
        annotators=settings.annotators,
        vae=settings.vae or style.vae,
        embeddings=_embeddings_of(pack, style, settings),
        spacing=settings.spacing or (None if settings.scheduler else style.spacing),
        sigmas=settings.sigmas or (None if settings.scheduler else style.sigmas),
        references=tuple(str(file) for file in settings.references or ()),
        attend="first" if settings.attend == "first" else None,
        window=window,
        overlap=overlap,
        fit=fitting.fit,
        **shown,
        vae_pieces=pieces,
        more_devices=choice.more_devices,
        transformer=transformer_of(pipeline, checkpoint, settings, bool(request.loras)) if pipeline else None,
        runtime=choice.runtime,
        enlarge=check_enlarging(settings.enlarge or EDGES),
        faces=faces_of(settings, style),
        blends=choice.checkpoint.predicts_clean,
        terms=style.terms,
    )
    if not remote:
        check_lora_files(loras)
    return ResolvedGenerator(config, choice.checkpoint, request.only_torch, choice.why)


@dataclass(frozen=True)
class _Request:
    """What settings and style ask for, as far as the choice of a runtime depends on it.

    `name` is as the user wrote it; `only_torch` names what no export can do; `prompts` are those that are read.
    """

    settings: RunSettings
    name: str
    checkpoint: CheckpointInfo
    controls: tuple[Control, ...]
    loras: tuple[Lora, ...]
    clip_skip: int
    only_torch: str | None
    prompts: tuple[str, ...]
    remote: bool
    begun_with: BegunWith | None


@dataclass(frozen=True)
class _RuntimeChoice:
    """A runtime, what it draws with, and where; `why` is a sentence where the user has left it open."""

    runtime: Literal["torch", "edge"]
    checkpoint: CheckpointInfo
    device: str
    precision: str
    batch: int
    more_devices: tuple[str, ...] = ()
    why: str = ""


def _choose_runtime(request: _Request) -> _RuntimeChoice:
    """Torch, the export that was named, or one of this machine's, as `--runtime` asks."""
    runtime, place = request.settings.runtime, request.checkpoint.place
    if is_export(place):
        if runtime == "torch":
            raise UsageError(
                "This folder is an export for the edge runtime.", where=place, hint="add --runtime edge"
            )
        too_much = request.only_torch or too_long(Path(place), request.prompts)
        if too_much:
            raise UsageError(f"An export does not draw with {too_much}.", where=place)
        return _on_edge(request, request.checkpoint)
    if runtime == "edge" and request.only_torch:
        raise UsageError(
            f"Only torch draws with {request.only_torch}.", where=place, hint="use --runtime torch"
        )
    if runtime == "torch":
        return _on_torch(request)
    for_torch = request.only_torch or asks_for_torch(request.settings)
    if runtime == "auto" and for_torch:
        return replace(_on_torch(request), why=f"Drawn with torch: no export draws with {for_torch}.")
    key = export_key_of(request.checkpoint.revision, request.controls, request.loras, request.clip_skip)
    if runtime == "edge":
        export = choose_export(key, request.settings.device, request.name)
        if (too_much := too_long(export, request.prompts)) is not None:
            raise UsageError(f"Only torch draws with {too_much}.", where=place, hint="use --runtime torch")
        return _on_edge(request, inspect_export(export))
    auto = choose_automatically(request.settings, key, request.checkpoint.revision, request.begun_with)
    if auto.export is not None and (too_much := too_long(auto.export, request.prompts)) is not None:
        return replace(_on_torch(request), why=f"Drawn with torch: no export draws with {too_much}.")
    choice = _on_torch(request) if auto.export is None else _on_edge(request, inspect_export(auto.export))
    return replace(choice, why=auto.why)


def _most_px(checkpoint: CheckpointInfo) -> int | None:
    """The area that a checkpoint was trained on, where it was trained on that area in many shapes."""
    family = ALL_FAMILIES[checkpoint.family]
    side = checkpoint.short_side
    if checkpoint.family in PIPELINES:
        side -= checkpoint.grid  # what pads a frame to the grid counts as well
    return side**2 if family.many_shapes else None


def _embeddings_of(pack: StylePack, style: Style, settings: RunSettings) -> tuple[str, ...]:
    if settings.embeddings is not None:
        return tuple(str(file) for file in settings.embeddings)
    inside = [pack.folder / file for file in style.embeddings]
    return tuple(str(file) for file in inside)


def _on_torch(request: _Request) -> _RuntimeChoice:
    device, *more = choose_devices(request.settings.device, remote=request.remote)
    precision = choose_precision(request.settings.precision, device, remote=request.remote)
    family = request.checkpoint.family
    if more and family in PIPELINES and PIPELINES[family].kind == "shot":
        raise UsageError(f"{PIPELINES[family].title} draws on one device here.", hint=f"--device {device}")
    batch = GPU_BATCH if device.type == "cuda" and family in FAMILIES else 1
    return _RuntimeChoice("torch", request.checkpoint, str(device), precision, batch, tuple(map(str, more)))


def _on_edge(request: _Request, export: CheckpointInfo) -> _RuntimeChoice:
    folder = Path(export.place)
    manifest = read_manifest(folder)
    check_fits(folder, manifest, request.controls, request.loras, request.clip_skip)
    engine = choose_engine(request.settings.device, manifest.target)
    return _RuntimeChoice("edge", export, engine, manifest.target, 1)
