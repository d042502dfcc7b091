"""The image model that draws the keys which a video model is shown."""

from __future__ import annotations

from stylize.config.settings import RunSettings
from stylize.diffusion.families import PIPELINES, KnownFamily, PipelineFamily
from stylize.errors import UsageError
from stylize.generators.inspect import inspect_checkpoint


def key_settings(settings: RunSettings, own: KnownFamily) -> RunSettings | None:
    """What the image model is asked for: the same style and prompt, and nothing that is for the video model. None
    where no image model is named.

    Args:
        own: the family of the run's own model.

    Raises:
        UsageError, ModelError: there are no keys, the run's model is no video model, or the other one is.
    """
    name = settings.key_model
    if name is None:
        return None
    if not shows_keys(own):
        is_video = isinstance(own, PipelineFamily) and own.kind == "shot"
        told = f"{own.title} is shown the frames alone" if is_video else "this one is none"
        raise UsageError(
            f"--key-model draws what a video model is shown, and {told}.",
            where=name,
            hint="leave it out: the model itself draws the keys then, and they are carried",
        )
    if settings.keys is None:
        raise UsageError(
            "--key-model draws keys, and none are asked for.", hint="add --keys auto or --keys N"
        )
    family = PIPELINES.get(inspect_checkpoint(name, settings.offline).family)
    if family is not None and family.kind == "shot":
        raise UsageError("Keys are drawn by an image model, and this is a video model.", where=name)
    changes = dict.fromkeys(
        ("window", "overlap", "transformer", "size", "steps", "guidance", "keys", "key_model")
    )
    shown = settings.references if family is not None and family.references else None
    asked = settings.model_copy(
        update={**changes, "model": name, "controls": (), "loras": (), "references": shown}
    )
    if "key_model" in settings.from_files:
        asked._from_files = settings.from_files | {"model"}
    return asked


def shows_keys(family: KnownFamily) -> bool:
    """Whether keys are shown to a family's models, which draw every frame; else keys are carried."""
    return isinstance(family, PipelineFamily) and family.kind == "shot" and family.references
