"""Writes the style pack that a training ends in, but for the LoRA: style.toml and a cover picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.config.style import Style
from stylize.footage.clip import Pixels
from stylize.storage.pictures import write_picture
from training.lora.base_model import BaseModel
from training.lora.recipe import StyleRecipe
from training.lora.trainable import LORA_FILE

COVER_FILE, COVER_PX = "cover.jpg", 512


def write_pack(
    folder: Path, recipe: StyleRecipe, base_model: BaseModel, prompt: str, drawings: int, cover: Pixels
) -> None:
    """Writes style.toml, which is the base style with the LoRA, the prompt and the recipe's words put in, and a
    cover.

    Args:
        drawings: how many drawings were learnt from.
        cover: a frame drawn in the style, (H, W, 3) float32 RGB in [0, 1].
    """
    import tomli_w

    folder.mkdir(parents=True, exist_ok=True)
    base, given = base_model.pack.style, recipe.pack
    table: dict[str, Any] = base.model_dump(mode="json", exclude_none=True) | {
        "title": given.title or recipe.name.replace("-", " ").capitalize(),
        "description": given.description or f"Learnt from {drawings} drawings.",
        "licence": given.licence or "not stated",
        "author": given.author,
        "sources": given.sources or f"{drawings} drawings of whoever trained it.",
        "trigger": recipe.word,
        "prompt": prompt,
        "cover": COVER_FILE,
        "checkpoint": recipe.model or base.checkpoint,
    }
    # The LoRA fits no other family, and the base style's words for those are not its own.
    del table["with_family"]
    # The base style's own LoRAs and learned words took no part in the training, and its files stay in its folder.
    table["loras"] = [{"file": LORA_FILE, "weight": 1.0}]
    table.pop("embeddings", None)
    if given.finish is not None:
        table["finish"] = given.finish.model_dump()
    style = Style(**table)
    text = tomli_w.dumps(style.model_dump(mode="json", exclude_none=True))
    (folder / "style.toml").write_text(text, encoding="utf-8")
    scale = min(1.0, COVER_PX / max(cover.shape[:2]))
    small = cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    write_picture(np.asarray(small, np.float32), folder / COVER_FILE)
