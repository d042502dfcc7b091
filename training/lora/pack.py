"""The style pack that a training ends in: style.toml, the LoRA, a cover, a licence, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.footage.clip import Pixels
from stylize.style import Style
from training.lora.recipe import Recipe
from training.lora.standing import Standing

LORA, COVER = "LoRA.safetensors", "cover.jpg"
COVER_PX = 512


def write_pack(
    folder: Path,
    recipe: Recipe,
    standing: Standing,
    prompt: str,
    drawings: int,
    cover: Pixels,
    about: dict[str, str],
    finish: dict[str, float] | None = None,
) -> Path:
    """Writes everything but the LoRA itself, which lies there already.

    Args:
        about: title, description, licence, author and sources, as far as they are known.
        finish: what happens to the drawing after the model, over the base style's.
    """
    import tomli_w

    base = standing.pack.style
    table: dict[str, Any] = base.model_dump(mode="json", exclude_none=True)
    table |= {
        "title": recipe.name.replace("-", " ").capitalize(),
        "description": f"Learnt from {drawings} drawings.",
        "licence": "not stated",
        "author": "",
        "sources": f"{drawings} drawings; ask the one who trained it.",
    }
    table |= {key: value for key, value in about.items() if value}
    table |= {"trigger": recipe.word, "prompt": prompt, "cover": COVER, "checkpoint": recipe.model or base.checkpoint}
    table["loras"] = [*table.get("loras", []), {"file": LORA, "weight": 1.0}]
    table["finish"] = table["finish"] | (finish or {})
    style = Style(**table)
    file = folder / "style.toml"
    file.write_text(tomli_w.dumps(style.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    _write_cover(cover, folder / COVER)
    return file


def _write_cover(picture: Pixels, out: Path) -> None:
    scale = min(1.0, COVER_PX / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    levels = np.rint(255 * np.clip(small[..., ::-1], 0, 1)).astype(np.uint8)
    done, coded = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 88])
    if not done:
        raise RuntimeError("OpenCV could not compress the cover.")
    out.write_bytes(coded.tobytes())
