"""Captions of drawings: from their own .txt files, from an image captioner, or from the template alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stylize.errors import MissingPart, UsageError
from training.dataset.drawing_folder import Drawing, read_picture

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


def load_captioner(place: str = CAPTIONER) -> Callable[[Path], str]:
    """An image captioner of transformers, from a folder or from the hub's cache on this machine; nothing is
    fetched.

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
        inputs = processor(images=picture, return_tensors="pt")
        tokens = model.generate(**inputs, max_new_tokens=30, do_sample=False)
        return str(processor.batch_decode(tokens, skip_special_tokens=True)[0]).strip()

    return describe
