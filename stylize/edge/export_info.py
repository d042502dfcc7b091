"""What is known of an export before its networks are loaded, and whether it fits what is asked."""

from __future__ import annotations

from pathlib import Path

from stylize.config.style import Control, Lora
from stylize.diffusion.checkpoint_info import CLEAN, CheckpointInfo
from stylize.edge.library import lora_digest
from stylize.edge.manifest import NAME, Manifest, read_manifest, size_of
from stylize.edge.samplers.choose import OWN
from stylize.errors import UsageError
from stylize.storage.fingerprint import fingerprint_file


def inspect_export(folder: Path) -> CheckpointInfo:
    """An export as a checkpoint; the manifest's digest is its revision, for it holds the digests of all files.

    Raises:
        ModelError: the manifest cannot be read.
    """
    manifest = read_manifest(folder)
    return CheckpointInfo(
        str(folder),
        fingerprint_file(folder / NAME),
        sum(size_of(folder, part) for part in manifest.parts.values() if (folder / part.model).is_file()),
        manifest.short_side,
        manifest.latent_scale,
        manifest.levels,
        predicts_clean=manifest.samplers[OWN].config.get("prediction_type") == CLEAN,
    )


def check_fits(
    folder: Path, manifest: Manifest, controls: tuple[Control, ...], loras: tuple[Lora, ...], clip_skip: int
) -> None:
    """Refuses what an export was not made for.

    Raises:
        UsageError: other LoRAs than those fused into it, a ControlNet that it lacks, another clip_skip.
    """
    asked = [(lora_digest(lora.file), lora.weight) for lora in loras if lora.weight != 0]
    fused = [(lora.sha256, lora.weight) for lora in manifest.loras]
    if sorted(asked) != sorted(fused):
        has = ", ".join(f"{lora.file}:{lora.weight:g}" for lora in manifest.loras) or "none"
        wants = ", ".join(f"{Path(lora.file).name}:{lora.weight:g}" for lora in loras) or "none"
        raise UsageError(
            f"LoRAs are fused into an export when it is made: this one has {has}, and {wants} is asked for.",
            where=folder,
            hint="make another: stylize edge quantize MODEL --lora FILE[:WEIGHT] ..., or leave --lora out",
        )
    for control in controls:
        if manifest.control(control.condition) is None:
            known = ", ".join(each.condition for each in manifest.controls) or "none"
            raise UsageError(
                f"This export has no ControlNet for {control.condition!r}: it has {known}.",
                where=folder,
                hint=f"make another: stylize edge quantize MODEL --control {control.condition} ...",
            )
    if clip_skip != manifest.clip_skip:
        raise UsageError(
            f"This export was made with clip_skip {manifest.clip_skip}, and the style asks for {clip_skip}.",
            where=folder,
            hint="make one with this style: stylize edge quantize MODEL --style STYLE",
        )
