"""A style as a family of diffusers' pipelines draws it, and what such a family cannot be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stylize.config.settings import RunSettings
from stylize.config.style import Lora, Style
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.families.pipelines import WITH_PICTURES
from stylize.diffusion.pipelines.placing import SPARE, Fit, choose_fit, part_bytes
from stylize.diffusion.pipelines.references import read_reference
from stylize.diffusion.transformer_files.load import check_transformer_file, is_gguf
from stylize.diffusion.vae_pieces import TILE_PX, Pieces
from stylize.errors import UsageError

VALUE_BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}
VALUES_AT_A_MEGAPIXEL = 1 << 30
"""Bytes of a transformer's values at a million pixels: taken for granted, not measured on a GPU. What decoding
takes is counted."""
ALWAYS_LEFT = {
    "clip_skip": "it has no CLIP that draws from words alone",
    "embeddings": "learned words are for CLIP",
    "scheduler": "it has a sampler of its own",
    "spacing": "it has a sampler of its own",
    "sigmas": "it has a sampler of its own",
    "vae": "it draws with its own autoencoder",
    "ip_adapter": "IP-Adapters are for Stable Diffusion",
    "ip_adapter_weight": "IP-Adapters are for Stable Diffusion",
    "image_encoder": "IP-Adapters are for Stable Diffusion",
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


@dataclass(frozen=True)
class PipelineFit:
    """How a pipeline fits a GPU, and whether its autoencoder decodes in tiles; None where all of it is as usual."""

    fit: Literal["offload", "fp8", "fp8-offload"] | None = None
    pieces: Pieces | None = None


def fit_of(
    family: PipelineFamily,
    checkpoint: CheckpointInfo,
    settings: RunSettings,
    device: str,
    precision: str,
    size: tuple[int, int],
) -> PipelineFit:
    """How a pipeline fits the GPU; as usual on a processor.

    Tiles, which change the pictures a little, are taken where without them weights would have to be kept in eight
    bits, which changes them more, or where nothing would fit.

    A checkpoint of the hub that is not on this machine, and a GPU of another machine, are taken to fit unless
    `vram` says how much there is.

    Args:
        size: (width, height) of a frame, px.

    Raises:
        UsageError: nothing fits.
    """
    folder = Path(checkpoint.place)
    budget = memory_budget(settings, device)
    if budget is None or not folder.is_dir():
        return PipelineFit()
    file = settings.transformer and settings.transformer.expanduser()
    parts = part_bytes(folder, family, VALUE_BYTES[precision], file)
    packed = file is not None and is_gguf(file)
    found: dict[Pieces | None, Fit] = {}
    faults: list[UsageError] = []
    for pieces, values in _values(family, folder, precision, size, settings.window or family.window).items():
        try:
            room = int(budget * (1 - SPARE))
            found[pieces] = choose_fit(parts, values, room, family.name in WITH_PICTURES, packed)
        except UsageError as error:
            faults.append(error)
    if not found:
        raise faults[-1]
    exact = found.get(None)
    tiled = exact is None or (exact.startswith("fp8") and not found["tiles"].startswith("fp8"))
    fit = found["tiles" if tiled else None]
    return PipelineFit(None if fit == "whole" else fit, "tiles" if tiled else None)


def _values(
    family: PipelineFamily, folder: Path, precision: str, size: tuple[int, int], window: int
) -> dict[Pieces | None, int]:
    """Bytes of values at the peak, with the autoencoder as a whole and in tiles."""
    from stylize.diffusion.device import dtype_of
    from stylize.diffusion.weightless import decoder_bytes

    dtype = dtype_of("fp32" if family.vae_in_fp32 else precision)
    width, height = (-(-side // family.grid) * family.grid for side in size)
    network = transformer_bytes(family, width * height, window)
    whole = decoder_bytes(folder, width, height, dtype, latents_at_once(family, window))
    tile = round(whole * min(width, TILE_PX) * min(height, TILE_PX) / (width * height))
    frames = frames_bytes(family, width * height, window)
    return {None: frames + max(network, whole), "tiles": frames + max(network, tile)}


def latents_at_once(family: PipelineFamily, window: int) -> int:
    """How many latents along time an autoencoder decodes together: LTX's all of a window, Wan's three at most."""
    latents = (window - 1) // family.frame_step + 1
    return latents if family.name == "ltx" else min(latents, 3) if family.kind == "shot" else 2


def frames_bytes(family: PipelineFamily, pixels: int, window: int) -> int:
    """Bytes of a window's frames themselves, in float32: those that are drawn over, and those that are drawn."""
    return (2 if family.over_source else 1) * 3 * 4 * pixels * window if family.kind == "shot" else 0


def transformer_bytes(family: PipelineFamily, pixels: int, window: int) -> int:
    """Bytes of a transformer's values for a picture, or for the frames of a window; taken, not measured. Video
    models are narrower, and see a few frames as one."""
    frames = ((window - 1) // family.frame_step + 1) / 2 if family.kind == "shot" else 1
    return round(VALUES_AT_A_MEGAPIXEL * frames * pixels / 2**20)


def memory_budget(settings: RunSettings, device: str) -> int | None:
    """Bytes of a GPU's memory that a run may use: as it is asked for, else all of it; None on a processor."""
    return int(settings.vram * 2**30) if settings.vram else gpu_bytes(device)


def gpu_bytes(device: str) -> int | None:
    """Bytes of memory of a CUDA device of this machine; None where it is none."""
    if not device.startswith("cuda"):
        return None
    import torch

    if not torch.cuda.is_available():
        return None
    return int(torch.cuda.get_device_properties(torch.device(device)).total_memory)


def transformer_of(
    family: PipelineFamily, checkpoint: CheckpointInfo, settings: RunSettings, loras: bool
) -> str | None:
    """The file whose weights take the place of the checkpoint's transformer.

    Raises:
        UsageError, ModelError, MissingPart: it is not there, or is of another family.
    """
    if settings.transformer is None:
        return None
    file, folder = settings.transformer.expanduser(), Path(checkpoint.place)
    if not folder.is_dir():
        raise UsageError("--transformer wants the rest of the model in a folder.", where=checkpoint.place)
    check_transformer_file(file, family, folder)
    if loras and is_gguf(file):
        raise UsageError(
            "LoRAs are added into weights, and those of a GGUF file are packed.",
            where=file,
            hint="take the .safetensors file of this transformer, or leave --lora out",
        )
    return str(file)


def windows_of(family: PipelineFamily, settings: RunSettings) -> tuple[int, int]:
    """How many frames a video model draws together, and how many of them again with the next ones.

    Raises:
        UsageError: no such window can be drawn.
    """
    length = settings.window or family.window
    step = family.frame_step
    if length % step != 1:
        below = max(1, (length - 1) // step * step + 1)
        raise UsageError(
            f"{family.title} draws {step}k+1 frames together, and {length} are not such a number.",
            hint=f"--window {below} or --window {below + step}",
        )
    overlap = settings.overlap if settings.overlap is not None else min(family.overlap, length // 5)
    if overlap > length // 2:
        raise UsageError(
            f"An overlap of {overlap} frames is more than half of a window of {length}.",
            hint=f"--overlap {length // 5}",
        )
    return length, overlap


def refuse_for_unets(settings: RunSettings, loras: Sequence[Lora]) -> None:
    """Raises UsageError for what only diffusers' pipelines are given here.

    Args:
        loras: the user's, or those of the style.
    """
    for lora in loras:
        if lora.expert is not None:
            raise UsageError(
                f"This model has no two transformers, and the LoRA is for one of two (@{lora.expert}).",
                where=lora.file,
                hint=f"leave @{lora.expert} out",
            )
    for name in ("window", "overlap", "transformer"):
        if getattr(settings, name):
            flag = f"--{name}"
            kinds = {"transformer": "models that have one"}.get(name, "video models")
            raise UsageError(f"{flag} is for {kinds}, and this checkpoint is none.", hint=f"leave {flag} out")


def _check(family: PipelineFamily, settings: RunSettings, controls: bool) -> None:
    for name, reason in ALWAYS_LEFT.items():
        if getattr(settings, name):
            raise _refusal(family, name, reason)
    if settings.noise == "source":
        raise _refusal(family, "noise source", "its frames cannot be inverted to noise here")
    if settings.strength is not None and not family.takes_strength(controls):
        reason = {
            "image": "with ControlNets it draws from noise",
            "instruction": "the prompt says how far a drawing departs from the source",
            "shot": "it is shown the frames, and draws from noise",
        }[family.kind]
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
