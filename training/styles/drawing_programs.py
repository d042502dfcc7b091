"""The drawing programs by the names of their styles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.styles.cel import draw_cel
from training.styles.clean import draw_clean
from training.styles.gouache_night import draw_gouache_night
from training.styles.ink_noir import draw_ink_noir
from training.styles.manga import draw_manga
from training.styles.painted_90s import draw_painted_90s
from training.styles.picture_ops import Picture
from training.styles.retro_90s import draw_retro_90s
from training.styles.scene_layers import SceneLayers
from training.styles.watercolor import draw_watercolor

DrawingProgram = Callable[[SceneLayers, np.random.Generator], Picture]
"""Takes a scene's layers and returns a drawing of the same size, (H, W, 3) float32 RGB in [0, 1]."""

DRAWING_PROGRAMS: dict[str, DrawingProgram] = {
    "cel": draw_cel,
    "clean": draw_clean,
    "gouache-night": draw_gouache_night,
    "ink-noir": draw_ink_noir,
    "manga": draw_manga,
    "painted-90s": draw_painted_90s,
    "retro-90s": draw_retro_90s,
    "watercolor": draw_watercolor,
}
