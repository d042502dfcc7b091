"""What Stable Diffusion is shown beside the frame: references, through an IP-Adapter."""

from __future__ import annotations

from typing import Any

from stylize.config.settings import RunSettings
from stylize.diffusion.ip_adapter.layout import find_encoder, read_layout
from stylize.diffusion.pipelines.references import read_reference
from stylize.errors import UsageError

USUAL_WEIGHT = 0.6


def adapter_of(settings: RunSettings) -> dict[str, Any]:
    """The IP-Adapter of a run with a UNet, its weight and image encoder, as a resolved config has them.

    Raises:
        UsageError, ModelError, FootageError: a part of what is needed is not there, or does not fit the others.
    """
    file = settings.ip_adapter
    if file is None:
        _check_alone(settings)
        return {}
    if not settings.references:
        raise UsageError(
            "An IP-Adapter looks at pictures, and none is named.", hint="name one: --reference FILE"
        )
    for each in settings.references:
        read_reference(each)
    file = file.expanduser()
    encoder = settings.image_encoder and settings.image_encoder.expanduser()
    weight = settings.ip_adapter_weight
    return {
        "ip_adapter": str(file),
        "ip_adapter_weight": USUAL_WEIGHT if weight is None else weight,
        "image_encoder": str(find_encoder(file, read_layout(file), encoder)),
    }


def _check_alone(settings: RunSettings) -> None:
    """Raises UsageError for what only an IP-Adapter can use, where there is none."""
    for name, flag in (
        ("references", "--reference"),
        ("ip_adapter_weight", "--ip-adapter-weight"),
        ("image_encoder", "--image-encoder"),
    ):
        if getattr(settings, name) is not None:
            raise UsageError(
                f"{flag} is for models that are shown pictures; Stable Diffusion needs an IP-Adapter for it.",
                hint="name one: --ip-adapter FILE",
            )
