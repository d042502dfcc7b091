"""The image model that draws the keys which a video model is shown."""

from __future__ import annotations

from stylize.config.settings import RunSettings
from stylize.diffusion.families import PIPELINES
from stylize.errors import UsageError
from stylize.generators.inspect import inspect_checkpoint


def key_settings(settings: RunSettings, is_video: bool) -> RunSettings | None:
    """What the image model is asked for: the same style and prompt, and nothing that is for the video model. None
    where no image model is named.

    Args:
        is_video: whether the run's own model draws frames of a shot together.

    Raises:
        UsageError, ModelError: there are no keys, the run's model is no video model, or the other one is.
    """
    name = settings.key_model
    if name is None:
        return None
    if not is_video:
        raise UsageError("--key-model draws what a video model is shown, and this one is none.", where=name)
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
    own = settings.model_copy(
        update={**changes, "model": name, "controls": (), "loras": (), "references": shown}
    )
    if "key_model" in settings.from_files:
        own._from_files = settings.from_files | {"model"}
    return own
