"""A subject with its alpha as a film: which file, which form, and the pixels in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stylize.errors import UsageError
from stylize.footage.clip import Pixels

if TYPE_CHECKING:
    from compositing.colour import Image, Plane

FORMATS = {".mov": "prores", ".png": "png16", ".exr": "exr"}
"""What carries transparency, by how a name ends."""


@dataclass(frozen=True)
class AlphaOutput:
    """One film to write.

    Attributes:
        path: the file, or a sequence's pattern.
        format: as `footage.write_film` names them.
        straight: colours are not multiplied by alpha; None for the format's habit (EXR is premultiplied).
    """

    path: Path
    format: str
    straight: bool | None = None

    @property
    def is_straight(self) -> bool:
        return self.format != "exr" if self.straight is None else self.straight

    @property
    def says(self) -> str:
        """What a compositor has to know of its colours, in words."""
        light = "scene-linear, BT.709 primaries" if self.format == "exr" else "the plate's own transfer"
        return f"{'straight' if self.is_straight else 'premultiplied'} alpha, {light}"


def read_output(path: Path, format: str | None = None, alpha: str | None = None) -> AlphaOutput:
    """The output that a name, a format and `straight` or `premultiplied` ask for.

    Raises:
        UsageError: the name says no format that carries transparency.
    """
    form = format or FORMATS.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            f"A foreground or matte cannot be named {path.suffix or 'without a suffix'}.",
            where=path,
            hint="name it .mov (ProRes 4444), .png (16 bits) or .exr: H.264 has no transparency",
        )
    return AlphaOutput(path, form, None if alpha is None else alpha == "straight")


def foreground_pixels(premult: Image, cover: Plane, output: AlphaOutput) -> Pixels:
    """Display-referred RGB and alpha, (height, width, 4) in [0, 1], multiplied as the output wants it.

    Args:
        premult: scene-linear, premultiplied, (height, width, 3).
        cover: its alpha, (height, width) in [0, 1].
    """
    from compositing.colour import srgb_from_linear, unpremultiply

    colour = np.clip(srgb_from_linear(np.clip(unpremultiply(premult, cover), 0, 1)), 0, 1)
    if not output.is_straight and output.format != "exr":  # EXR is multiplied in linear light, by its writer
        colour = colour * cover[..., None]
    return np.dstack([colour, cover]).astype(np.float32)
