"""A style as a family of diffusers' pipelines draws it, and what such a family cannot be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from stylize.config.settings import RunSettings
from stylize.config.style import Style
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.families.pipelines import WITH_PICTURES
from stylize.diffusion.pipelines.placing import SPARE, choose_fit, part_bytes
from stylize.diffusion.pipelines.references import read_reference
from stylize.diffusion.pipelines.windows import STEP
from stylize.errors import UsageError

VALUE_BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}
VALUES_AT_A_MEGAPIXEL = 3 << 30
"""Bytes of values at the peak of drawing a million pixels: taken for granted, not measured on a GPU."""
ALWAYS_LEFT = {
    "clip_skip": "it has no CLIP that draws from words alone",
    "embeddings": "learned words are for CLIP",
    "scheduler": "it has a sampler of its own",
    "spacing": "it has a sampler of its own",
    "sigmas": "it has a sampler of its own",
    "vae": "it draws with its own autoencoder",
}
"""Settings that none of these families takes, and why."""


def style_for_pipeline(style: Style, family: PipelineFamily, settings: RunSettings, own: bool) -> Style:
    """The style with what the family takes, and its usual numbers where the style says none for it.

    Args:
        settings: what the user asks for; what the family does not take is refused.
        own: the style is made for this checkpoint.

    Raises:
        UsageError: a setting that the family does not take.
    """
    controls = settings.controls if settings.controls is not None else (style.controls if own else ())
    _check(family, settings, bool(controls))
    theirs = style.with_family.get(family.name)
    said = set() if theirs is None else theirs.model_fields_set
    changes: dict[str, Any] = {
        "controls": controls, "scheduler": None, "spacing": None, "sigmas": None, "vae": None, "clip_skip": 0,
        "embeddings": (), "noise": "fixed" if style.noise == "source" else style.noise,
    }  # fmt: skip
    if not own:
        changes |= {
            name: getattr(family, name) for name in ("steps", "guidance", "strength") if name not in said
        }
    if not family.takes_strength(bool(controls)):
        changes["strength"] = 1.0
    if not family.negative:
        changes["negative_prompt"] = ""
    return style.model_copy(update=changes)


def fit_of(
    family: PipelineFamily, checkpoint: CheckpointInfo, settings: RunSettings, device: str, precision: str
) -> Literal["offload", "fp8", "fp8-offload"] | None:
    """How a pipeline fits the GPU, where it does not as a whole; None where it does, or on a processor.

    A checkpoint of the hub that is not on this machine, and a GPU of another machine, are taken to fit unless
    `vram` says how much there is.

    Raises:
        UsageError: nothing fits.
    """
    folder = Path(checkpoint.place)
    budget = settings.vram * 2**30 if settings.vram else gpu_bytes(device)
    if budget is None or not folder.is_dir():
        return None
    parts = part_bytes(folder, family, VALUE_BYTES[precision])
    values = round(VALUES_AT_A_MEGAPIXEL * (checkpoint.short_side / 1024) ** 2)
    fit = choose_fit(parts, values, int(budget * (1 - SPARE)), family.name in WITH_PICTURES)
    return None if fit == "whole" else fit


def gpu_bytes(device: str) -> int | None:
    """Bytes of memory of a CUDA device of this machine; None where it is none."""
    if not device.startswith("cuda"):
        return None
    import torch

    if not torch.cuda.is_available():
        return None
    return int(torch.cuda.get_device_properties(torch.device(device)).total_memory)


def windows_of(family: PipelineFamily, settings: RunSettings) -> tuple[int, int]:
    """How many frames a video model draws together, and how many of them again with the next ones.

    Raises:
        UsageError: no such window can be drawn.
    """
    length = settings.window or family.window
    if length % STEP != 1:
        below = max(1, (length - 1) // STEP * STEP + 1)
        raise UsageError(
            f"{family.title} draws 4k+1 frames together, and {length} are not such a number.",
            hint=f"--window {below} or --window {below + STEP}",
        )
    overlap = settings.overlap if settings.overlap is not None else min(family.overlap, length // 5)
    if overlap > length // 2:
        raise UsageError(
            f"An overlap of {overlap} frames is more than half of a window of {length}.",
            hint=f"--overlap {length // 5}",
        )
    return length, overlap


def refuse_for_unets(settings: RunSettings) -> None:
    """Raises UsageError for what only diffusers' pipelines are given here."""
    for name in ("references", "window", "overlap", "vram"):
        if getattr(settings, name):
            flag = f"--{name.removesuffix('s')}"
            kinds = {"references": "models that take pictures beside the frame", "vram": "transformers"}.get(
                name, "video models"
            )
            raise UsageError(f"{flag} is for {kinds}, and this checkpoint is none.", hint=f"leave {flag} out")


def _check(family: PipelineFamily, settings: RunSettings, controls: bool) -> None:
    for name, reason in ALWAYS_LEFT.items():
        if getattr(settings, name):
            raise _refusal(family, name, reason)
    if settings.noise == "source":
        raise _refusal(family, "noise source", "its frames cannot be inverted to noise here")
    if settings.strength is not None and not family.takes_strength(controls):
        reason = (
            "with ControlNets it draws from noise"
            if family.kind == "image"
            else "the prompt says how far a drawing departs from the source"
        )
        raise _refusal(family, "strength", reason)
    if settings.negative_prompt and not family.negative:
        raise _refusal(family, "negative_prompt", "it was not trained to draw away from a prompt")
    if settings.attend == "first":
        raise _refusal(family, "attend", "only UNets look at other drawings here")
    if settings.references and not family.references:
        raise _refusal(family, "reference", "it is shown the frame alone")
    for file in settings.references or ():
        read_reference(file)
    if family.kind != "shot" and (settings.window is not None or settings.overlap is not None):
        raise _refusal(
            family, "window" if settings.window is not None else "overlap", "it draws frame by frame"
        )
    if settings.batch is not None and settings.batch > 1:
        raise _refusal(family, "batch", "frames are drawn one by one")


def _refusal(family: PipelineFamily, name: str, reason: str) -> UsageError:
    flag = f"--{name.replace('_', '-')}"
    return UsageError(f"{family.title} takes no {flag}: {reason}.", hint=f"leave {flag} out")
