"""The pass that draws the keys which a video model is shown."""

from __future__ import annotations

from dataclasses import dataclass

from stylize.passes.style import StylePass

KEY_DRAWING = "key_drawing"


@dataclass
class KeyDrawingPass(StylePass):
    """Draws a few frames of each shot with an image model, before the video model draws all of them."""

    name = KEY_DRAWING

    @property
    def in_previews(self) -> bool:
        return False
