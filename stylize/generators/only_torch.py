"""What only torch can do of what is asked: none of it is in an export."""

from __future__ import annotations

from pathlib import Path

from stylize.config.settings import RunSettings
from stylize.config.style import Style
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.families import FAMILIES, PIPELINES
from stylize.diffusion.prompts.weights import read_weights
from stylize.edge.manifest import read_manifest
from stylize.edge.tokens import is_too_long


def only_torch(settings: RunSettings, style: Style, checkpoint: CheckpointInfo) -> str | None:
    """The first thing of all that is asked which no export can do."""
    if checkpoint.family in PIPELINES:
        return PIPELINES[checkpoint.family].title
    if FAMILIES[checkpoint.family].two_text_encoders:
        return FAMILIES[checkpoint.family].title
    if checkpoint.takes_guidance:
        return "guidance as an input of the model"
    if settings.attend == "first":
        return "attention to a shot's first drawing"
    if settings.ip_adapter:
        return "an IP-Adapter"
    if settings.vae or style.vae:
        return "another autoencoder"
    if settings.embeddings or (settings.embeddings is None and style.embeddings):
        return "learned words"
    if (settings.scheduler or style.scheduler) in ("dpm++-sde", "tcd"):
        return f"the sampler {settings.scheduler or style.scheduler}"
    of_style = (
        None if settings.scheduler else style.spacing or style.sigmas
    )  # they belong to the style's sampler
    if settings.spacing or settings.sigmas or of_style:
        return "another spacing of steps"
    prompts = (settings.prompt or style.prompt, settings.negative_prompt or style.negative_prompt)
    if any(fragment.weight != 1 or fragment.breaks for text in prompts for fragment in read_weights(text)):
        return "weights in a prompt"
    return None


def prompts_of(settings: RunSettings, style: Style) -> tuple[str, ...]:
    """The prompt, and the negative prompt where guidance is on."""
    prompt = settings.prompt if settings.prompt is not None else style.prompt
    negative = settings.negative_prompt if settings.negative_prompt is not None else style.negative_prompt
    return (prompt, negative) if (settings.guidance or style.guidance) > 1 else (prompt,)


def too_long(export: Path, prompts: tuple[str, ...]) -> str | None:
    """What only torch can do of the prompts, by an export's own tokenizer."""
    manifest = read_manifest(export)
    cut_off = any(is_too_long(export, manifest, text) for text in prompts)
    return "a prompt of more than 75 tokens" if cut_off else None
