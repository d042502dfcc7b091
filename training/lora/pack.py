"""The style pack that a training ends in: style.toml, the LoRA, a cover, a licence, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.config.style import Style
from stylize.footage.clip import Pixels
from stylize.report.side_by_side import write_picture
from training.lora.recipe import Recipe
from training.lora.standing import Standing

LORA, COVER = "LoRA.safetensors", "cover.jpg"
COVER_PX = 512


def write_pack(
    folder: Path, recipe: Recipe, standing: Standing, prompt: str, drawings: int, cover: Pixels
) -> Path:
    """Writes everything but the LoRA itself: the base style, its LoRA and words added."""
    import tomli_w

    folder.mkdir(parents=True, exist_ok=True)

    base, says = standing.pack.style, recipe.pack
    table: dict[str, Any] = base.model_dump(mode="json", exclude_none=True) | {
        "title": says.title or recipe.name.replace("-", " ").capitalize(),
        "description": says.description or f"Learnt from {drawings} drawings.",
        "licence": says.licence or "not stated",
        "author": says.author,
        "sources": says.sources or f"{drawings} drawings of whoever trained it.",
        "trigger": recipe.word,
        "prompt": prompt,
        "cover": COVER,
        "checkpoint": recipe.model or base.checkpoint,
    }
    table["loras"] = [*table.get("loras", []), {"file": LORA, "weight": 1.0}]
    if says.finish is not None:
        table["finish"] = says.finish.model_dump()
    style = Style(**table)
    file = folder / "style.toml"
    file.write_text(tomli_w.dumps(style.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    scale = min(1.0, COVER_PX / max(cover.shape[:2]))
    small = cv2.resize(cover, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    write_picture(np.asarray(small, np.float32), folder / COVER)
    return file
