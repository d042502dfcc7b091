"""Captions of drawings: from their own .txt files, from an image captioner, or from the template alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stylize.errors import UsageError

if TYPE_CHECKING:
    from training.dataset.drawing_folder import Drawing

Captions = Literal["template", "auto"]
CAPTIONER = "Salesforce/blip-image-captioning-base"
"""The image captioner that is used unless another is named."""
FIELDS = ("prompt", "trigger", "content")


def caption_all(
    drawings: Sequence[Drawing],
    template: str,
    prompt: str,
    trigger: str,
    describe: Callable[[Path], str] | None = None,
) -> list[Drawing]:
    """Every drawing with its caption: the template with its fields filled in.

    Args:
        template: may use {prompt}, {trigger} and {content}, the drawing's own caption or what `describe` returns.
            Where it does not use {content}, that text is put last.
        prompt: the prompt of the base style.
        describe: a captioner, for drawings without a caption of their own.

    Raises:
        UsageError: a template that cannot be filled.
    """
    captioned = []
    for drawing in drawings:
        content = drawing.caption or (describe(drawing.path) if describe else "")
        captioned.append(replace(drawing, caption=fill_caption(template, prompt, trigger, content)))
    return captioned


def fill_caption(template: str, prompt: str, trigger: str, content: str = "") -> str:
    """The template with its fields filled in. Parts between commas that end up empty are left out.

    Raises:
        UsageError: the template uses another field.
    """
    if content and "{content}" not in template:
        template += ", {content}"
    try:
        text = template.format(prompt=prompt, trigger=trigger, content=content)
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise UsageError(f"The caption {template!r} cannot be filled.", hint=f"it may use {known}") from error
    return ", ".join(part for part in (part.strip() for part in text.split(",")) if part)
