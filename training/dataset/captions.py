"""What a drawing is called: its own caption, a captioner's words, or the trigger word alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stylize.errors import MissingPart, UsageError
from training.dataset.gather import Drawing, read_picture

Captions = Literal["template", "auto"]
CAPTIONER = "Salesforce/blip-image-captioning-base"
FIELDS = ("prompt", "trigger", "content")


def caption_all(
    drawings: Sequence[Drawing],
    template: str,
    prompt: str,
    trigger: str,
    describe: Callable[[Path], str] | None = None,
) -> list[Drawing]:
    """Every drawing with its caption: the template, filled with its own words where it has some.

    Args:
        template: may use {prompt}, the prompt of the style that is built upon; {trigger}; and {content}, the
            drawing's own caption or what `describe` says of it. Without {content}, those words come last.
        describe: a captioner, for drawings without a caption of their own.

    Raises:
        UsageError: a template that cannot be filled.
    """
    captioned = []
    for drawing in drawings:
        content = drawing.caption or (describe(drawing.path) if describe else "")
        captioned.append(replace(drawing, caption=fill(template, prompt, trigger, content)))
    return captioned


def fill(template: str, prompt: str, trigger: str, content: str = "") -> str:
    """The template with its fields filled and nothing left of those that are empty."""
    if content and "{content}" not in template:
        template += ", {content}"
    try:
        text = template.format(prompt=prompt, trigger=trigger, content=content)
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise UsageError(f"The caption {template!r} cannot be filled.", hint=f"it may use {known}") from error
    return ", ".join(part for part in (part.strip() for part in text.split(",")) if part)


def load_captioner(place: str = CAPTIONER) -> Callable[[Path], str]:
    """An image captioner of transformers, from a folder or from the hub's cache on this machine.

    Nothing is fetched: pictures are described with what is at hand, or not at all.

    Raises:
        MissingPart: it is not on this machine.
    """
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    try:
        processor: Any = AutoProcessor.from_pretrained(place, local_files_only=True)
        model: Any = AutoModelForImageTextToText.from_pretrained(place, local_files_only=True).eval()
    except (OSError, ValueError) as error:
        raise MissingPart(
            "There is no captioner here.",
            where=place,
            hint=f"fetch {CAPTIONER} once, name a folder with --captioner, or leave out --caption auto",
        ) from error

    @torch.inference_mode()
    def describe(path: Path) -> str:
        picture = np.rint(255 * read_picture(path)).astype(np.uint8)
        asked = processor(images=picture, return_tensors="pt")
        words = model.generate(**asked, max_new_tokens=30, do_sample=False)
        return str(processor.batch_decode(words, skip_special_tokens=True)[0]).strip()

    return describe
