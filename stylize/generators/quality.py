"""What `--quality` comes to for a clip: a working size, or a quicker model."""

from __future__ import annotations

from stylize.config.packs.find import find_style
from stylize.config.settings import RunSettings
from stylize.edge.live.find import LIVE, locate_live_model
from stylize.errors import MissingPart, UsageError

SMALLEST_PX = 64
"""The least short side that a setting can ask for."""
OF_A_MODEL = ("size", "model", "runtime", "precision")
"""Settings that a user names with a model in mind: it is not exchanged for a live one."""


def with_quality(settings: RunSettings, clip_size: tuple[int, int]) -> RunSettings:
    """The settings with what their quality decides, where they do not say it themselves.

    `fine` draws at the clip's own size. `draft` draws with the style's live model, where it has one that can follow
    all other settings; else at half the working size. `standard` changes nothing.

    Args:
        clip_size: (width, height), px.

    Raises:
        UsageError, ModelError: a style or checkpoint that is not there.
    """
    if settings.quality == "standard" or settings.size is not None:
        return settings
    if settings.quality == "fine":
        return settings.model_copy(update={"size": max(SMALLEST_PX, min(clip_size))})
    live = _with_live_model(settings)
    return live if live is not None else _halved(settings)


def _with_live_model(settings: RunSettings) -> RunSettings | None:
    """The same film by the style's live model; None where there is none, or where it cannot do what is asked."""
    from stylize.generators.resolve import resolve_config

    if settings.model_fields_set & set(OF_A_MODEL):
        return None
    live = settings.model_copy(update={"model": LIVE})
    try:
        pack = find_style(settings.style, settings.styles_dirs)
        locate_live_model(LIVE, pack.name, pack.live_folder)
        resolve_config(live)
    except (UsageError, MissingPart):
        return None
    return live


def _halved(settings: RunSettings) -> RunSettings:
    from stylize.generators.resolve import resolve_config

    half = max(SMALLEST_PX, resolve_config(settings).size // 2)
    return settings.model_copy(update={"size": half})
