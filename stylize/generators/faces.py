"""How faces are drawn again: which of them, at what size, and by which config."""

from __future__ import annotations

from pathlib import Path

from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import RunSettings
from stylize.config.style import Faces, Style
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.edge.manifest import read_manifest

GRID_PX = 64
"""Every family of models draws sides that are multiples of this."""
LARGEST_PX = 1024


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
