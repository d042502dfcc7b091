"""The family of a checkpoint, before its weights are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from stylize.diffusion.families.base import Family
from stylize.diffusion.families.pipelines import pipeline_family
from stylize.diffusion.families.sd1 import SD1
from stylize.diffusion.families.sd2 import SD2
from stylize.diffusion.families.sdxl import SDXL
from stylize.errors import ModelError

FAMILIES: dict[str, Family] = {family.name: family for family in (SD1, SD2, SDXL)}
OTHERS = (
    ("joint_blocks.", "Stable Diffusion 3"),
    ("audio_patchify_proj.", "LTX-2"),
    ("audio_proj_in.", "LTX-2"),
    ("conditioner.embedders.0.model.", "the refiner of Stable Diffusion XL"),
    ("clip_txt_mapper.", "Stable Cascade"),
)
"""Families that are not drawn with here, by names that only they have."""
TRANSFORMERS = (
    ("single_stream_modulation", "FLUX.2"),
    ("txt_norm.", "Qwen-Image"),
    ("double_blocks.", "Flux.1"),
    ("single_transformer_blocks.", "Flux.1"),
    ("cap_embedder.", "Z-Image"),
    ("head.modulation", "Wan"),
    ("condition_embedder.", "Wan"),
    ("patchify_proj.", "LTX-Video"),
    ("caption_projection.", "LTX-Video"),
)
"""Families whose transformers come in files of their own, by names that only they have."""
BESIDE_A_FOLDER = "name the model's folder, and this file beside it: --model FOLDER --transformer FILE"
INPUTS = {
    9: ("inpainting", "it wants a mask and a masked picture beside the frame"),
    8: ("instructions (InstructPix2Pix)", "it wants the frame as a second input"),
    5: ("depth", "it wants a depth map beside the frame"),
    7: ("enlarging", "it wants a small picture beside the frame"),
}


def family_of_file(shapes: Mapping[str, tuple[int, ...]], where: Path) -> Family:
    """The family of a single file, by the names and shapes of its tensors.

    Raises:
        ModelError: it is of another family, or no whole checkpoint.
    """
    unet = "model.diffusion_model.input_blocks.0.0.weight"
    if unet not in shapes:
        raise ModelError(_told(shapes), where=where, hint=_hint(shapes))
    check_inputs(shapes[unet][1], shapes["model.diffusion_model.out.2.weight"][0], where)
    family = next(
        (each for each in FAMILIES.values() if all(_any(shapes, prefix) for prefix in each.text_prefixes)),
        None,
    )
    if family is not None and _any(shapes, "first_stage_model."):
        return family
    if _any(shapes, "conditioner.embedders.0.model."):
        raise ModelError(
            "This is the refiner of Stable Diffusion XL, which does not draw by itself.",
            where=where,
            hint="name a base checkpoint",
        )
    lacks = "text encoder" if family is None else "autoencoder"
    raise ModelError(
        f"This file holds a network without its {lacks}.",
        where=where,
        hint="take the file that holds the whole model",
    )


def family_of_folder(pipeline: str, linear: bool, where: Path | str) -> Family:
    """The family of a diffusers folder.

    Args:
        pipeline: the class that its model_index.json names.
        linear: whether its UNet's attention is projected by matrices (`use_linear_projection`), as since 2.0.

    Raises:
        ModelError: it is of another family.
    """
    transformer = pipeline_family(pipeline)
    if transformer is not None:
        raise ModelError(
            f"This checkpoint is {transformer.title}, and this is done with Stable Diffusion 1.x, 2.x and XL only.",
            where=where,
            hint="it can be drawn with: stylize run CLIP --model FOLDER",
        )
    if not pipeline.startswith(("StableDiffusion", "LatentConsistency")) or "StableDiffusion3" in pipeline:
        raise ModelError(
            f"This checkpoint cannot be loaded: it is for {pipeline or 'no pipeline'}, which does not draw here.",
            where=where,
            hint=f"families: {', '.join(family.title for family in FAMILIES.values())}",
        )
    if "XL" in pipeline:
        return SDXL
    return SD2 if linear else SD1


def check_inputs(channels: int, outputs: int, where: Path | str) -> None:
    """Raises ModelError where a UNet takes more than the noisy latents that it gives back."""
    if channels == outputs or (channels, outputs) == (4, 8):
        return
    purpose, wants = INPUTS.get(channels - outputs + 4, ("something else", "it wants more than the frame"))
    raise ModelError(
        f"This checkpoint is made for {purpose}: {wants}.",
        where=where,
        hint="take the plain checkpoint that it was made from; what is to stay can be held with ControlNets",
    )


def _told(names: Iterable[str]) -> str:
    names = list(names)
    if any(".lora_" in name or name.startswith("lora_") for name in names):
        return "This file is a LoRA, not a checkpoint."
    if any(
        "controlnet" in name or name.startswith(("control_model.", "input_hint_block.")) for name in names
    ):
        return "This file is a ControlNet, not a checkpoint."
    family = next((told for word, told in OTHERS if any(word in name for name in names)), None)
    if family is not None:
        return f"This file is {family}, which is not drawn with here."
    family = next((told for word, told in TRANSFORMERS if any(word in name for name in names)), None)
    if family is not None:
        return f"This file is the transformer of {family} without the rest of the model."
    if any(name.startswith(("down_blocks.", "unet.down_blocks.")) for name in names):
        return "This file holds the UNet alone."
    return "This file is no checkpoint that is known here."


def _hint(names: Iterable[str]) -> str:
    if any(".lora_" in name or name.startswith("lora_") for name in names):
        return "name it with --lora FILE"
    if any(word in name for word, _ in TRANSFORMERS for name in names):
        return BESIDE_A_FOLDER
    return (
        "known: single files as model sites offer them (Stable Diffusion 1.x, 2.x, XL), and diffusers folders"
    )


def _any(names: Iterable[str], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in names)
