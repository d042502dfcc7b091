"""The image model that draws the keys which a video model is shown."""

from __future__ import annotations

from stylize.config.packs.find import find_style
from stylize.config.settings import RunSettings
from stylize.diffusion.families import PIPELINES, KnownFamily, PipelineFamily
from stylize.errors import UsageError
from stylize.generators.fetching import check_fetching
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
    changes = dict.fromkeys(
        ("window", "overlap", "transformer", "size", "steps", "guidance", "keys", "key_model", "references")
    )
    asked = settings.model_copy(update={**changes, "model": name, "controls": (), "loras": ()})
    theirs = settings.from_files - {"model"}
    asked._from_files = theirs | {"model"} if "key_model" in theirs else theirs
    # Before the hub is asked what the model is: its name may be a stranger's.
    offline = check_fetching(asked, find_style(asked.style, asked.styles_dirs))
    family = PIPELINES.get(inspect_checkpoint(name, offline).family)
    if family is not None and family.kind == "shot":
        raise UsageError("Keys are drawn by an image model, and this is a video model.", where=name)
    shown = settings.references if family is not None and family.references else None
    return asked.model_copy(update={"references": shown})


def shows_keys(family: KnownFamily) -> bool:
    """Whether keys are shown to a family's models, which draw every frame; else keys are carried."""
    return isinstance(family, PipelineFamily) and family.kind == "shot" and family.references
