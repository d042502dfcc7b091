"""How faces are drawn again: which of them, at what size, and by which config."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.config.style import Faces, Style
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.edge.manifest import read_manifest
from stylize.footage.faces import FaceTrack

GRID_PX = 64
"""Every family of models draws sides that are multiples of this."""
LARGEST_PX = 1024
LEAST_PX, ENLARGED = 256, 1.8
"""A square is drawn at so many px at least, and need not be enlarged further: landmarks are kept no better then. A
face of 50 px in a square of 141: .026 of its width off at 1.8 times, .025 at 2.7; one of 90 px in a square of 234:
.039 at 1.1 times, .032 at 1.6."""


def faces_of(settings: RunSettings, style: Style) -> Faces | None:
    """Which faces are drawn again, as the settings say, or the style; None where none are looked for."""
    if settings.faces == "off":
        return None
    return style.faces if settings.faces == "auto" else settings.faces


def face_config(config: ResolvedConfig) -> ResolvedConfig:
    """The config by which faces are drawn: the film's, with their own strength and prompt where it says so."""
    asked = config.faces or Faces()
    own = {"strength": asked.strength, "prompt": asked.prompt}
    return config.model_copy(update={name: value for name, value in own.items() if value is not None})


def tile_size(config: ResolvedConfig, checkpoint: CheckpointInfo) -> int | None:
    """The side of the square in which a face is drawn, px: the size that the model was trained for.

    None for an export that draws pictures of one size only.
    """
    if config.runtime == "edge" and read_manifest(Path(config.checkpoint)).size is not None:
        return None
    return max(GRID_PX, min(LARGEST_PX, checkpoint.short_side) // GRID_PX * GRID_PX)


def fitting_tile(tile: int, tracks: Sequence[FaceTrack], checkpoint: CheckpointInfo) -> int:
    """The side of the square in which these faces are drawn, px: not above `tile`, the size that the model was
    trained for.

    Of the models here those that predict the clean picture draw a smaller square as well, in less time.
    """
    if not checkpoint.predicts_clean:
        return tile
    widest = max(square.side for track in tracks for square in track.squares)
    return min(tile, max(LEAST_PX, ceil(ENLARGED * widest / GRID_PX) * GRID_PX))
