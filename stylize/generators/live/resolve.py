"""What a live model makes of settings: it draws one style as it was trained, in one call, without noise."""

from __future__ import annotations

from pathlib import Path

from stylize.config.packs.pack import StylePack
from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.config.style import LOOK, Finish
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.edge.engines import choose_engine, products
from stylize.edge.live.find import is_live_name, locate_live_model
from stylize.edge.live.manifest import NAME, LiveManifest, Precision, read_live_manifest
from stylize.errors import UsageError
from stylize.generators.enlarging import EDGES, check_enlarging
from stylize.generators.faces import faces_of
from stylize.storage.fingerprint import fingerprint_file

PROCESSORS = frozenset(("openvino", "onnxruntime"))
"""Engines on which INT8 is faster than float."""
FIXED = (
    "prompt",
    "negative_prompt",
    "guidance",
    "steps",
    "scheduler",
    "spacing",
    "sigmas",
    "clip_skip",
    "noise",
    "controls",
    "loras",
    "vae",
    "embeddings",
    "attend",
    "references",
    "ip_adapter",
    "ip_adapter_weight",
    "image_encoder",
    "transformer",
    "key_model",
    "window",
    "overlap",
    "vram",
)
"""Settings that are trained into a live model."""
SEVERAL = frozenset(("controls", "loras", "embeddings", "references"))
"""Settings of which there may be several: their flags name one."""


def inspect_live_model(folder: Path) -> CheckpointInfo:
    """A live model as a checkpoint; the manifest's digest is its revision, for it holds the digests of all files.

    Raises:
        ModelError: the manifest cannot be read.
    """
    manifest = read_live_manifest(folder)
    return CheckpointInfo(
        str(folder),
        fingerprint_file(folder / NAME),
        max(file.bytes for file in manifest.files.values()),
        manifest.short_side,
        latent_scale=manifest.grid,
        levels=1,
    )


def resolve_live(settings: RunSettings, name: str, pack: StylePack) -> tuple[ResolvedConfig, CheckpointInfo]:
    """The config of a film that a live model draws. It flickers no more than its source, so that steadying and
    repair are left out unless they are asked for; its drawings are finished as they come. The strength of a style
    that another model draws was learnt from that one's drawings, so that it is not applied again.

    Args:
        name: as `--model` gives it.

    Raises:
        UsageError: settings that a live model cannot follow, or no such model.
        MissingPart: no engine is installed.
    """
    given = [field for field in FIXED if getattr(settings, field) is not None]
    if given:
        word = given[0].removesuffix("s") if given[0] in SEVERAL else given[0]
        flag = f"--{word.replace('_', '-')}"
        raise UsageError(
            f"A live model draws as it was trained, so that {flag} can change nothing.",
            where=name,
            hint=f"leave {flag} out, or draw with the style's own model: leave --model out",
        )
    if settings.runtime == "torch" and "runtime" in settings.model_fields_set:
        raise UsageError(
            "A live model is drawn by an engine, not by torch.", where=name, hint="leave --runtime out"
        )
    style, folder = pack.style, locate_live_model(name, pack.name, pack.live_folder)
    manifest, info = read_live_manifest(folder), inspect_live_model(folder)
    engine = choose_engine(settings.device, "cpu-int8")
    asked = settings.model_fields_set
    config = ResolvedConfig(
        style=pack.name,
        checkpoint=str(folder),
        prompt=style.prompt,
        negative_prompt=style.negative_prompt,
        strength=settings.strength or (style.strength if is_live_name(style.checkpoint) else 1.0),
        guidance=1.0,
        steps=1,
        clip_skip=0,
        scheduler=None,
        noise="fixed",
        size=settings.size or manifest.short_side,
        controls=(),
        loras=(),
        finish=Finish(**style.finish.model_dump(include={"detail", *LOOK})),
        seed=settings.seed,
        deflicker=settings.deflicker if "deflicker" in asked else 0.0,
        repair=settings.repair if "repair" in asked else "off",
        cadence=settings.cadence or style.cadence,
        hold=settings.hold or style.hold,
        batch=1,
        device=engine,
        precision=choose_live_precision(manifest, settings.precision, engine),
        offline=settings.offline,
        runtime="live",
        enlarge=check_enlarging(settings.enlarge or EDGES),
        faces=faces_of(settings, style),
        blends=True,
        terms=style.terms,
    )
    return config, info


def choose_live_precision(manifest: LiveManifest, asked: str, engine: str) -> Precision:
    """INT8 on processors where the model has it and it is quicker, float elsewhere and where fp32 is asked for.

    Raises:
        UsageError: a precision that live models do not come in.
    """
    if asked not in ("auto", "fp32"):
        raise UsageError(
            f"Live models come in fp32 and INT8, not in {asked}.",
            hint="use --precision fp32, or leave it out",
        )
    may = asked == "auto" and engine in PROCESSORS and "int8" in manifest.files
    return "int8" if may and products.are_quick(engine) else "float"
