"""An image captioner, for drawings without a caption of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stylize.errors import MissingPart
from training.dataset.captions import CAPTIONER
from training.dataset.drawing_folder import read_picture


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
