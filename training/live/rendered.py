"""Pairs of rendered scenes: the renderer knows the drawing, so that no model has to draw it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from stylize.config.style import Finish
from stylize.finish import finish_cel
from training.base.assemble import assemble_drawing
from training.base.attributes import Attributes
from training.base.scenes import render_cels
from training.live.pairs import write_pair

SIDE = 320
"""Of the rendered pictures, px."""


def write_rendered_pairs(
    out: Path,
    count: int,
    finish: Finish,
    seed: int = 0,
    on_written: Callable[[int], None] = lambda count: None,
) -> None:
    """Renders `count` scenes as photographs and as plain drawings, finished as the style asks; those that are there
    already are kept. Each depends on (seed, number) alone."""
    for number in range(count):
        path = out / f"{number:06d}.png"
        if not path.exists():
            cels = render_cels(np.random.default_rng((seed, number)), SIDE)
            drawn = finish_cel(assemble_drawing(cels, Attributes()), cels.photo, finish)
            write_pair(path, cels.photo, cels.photo, drawn)
        on_written(number + 1)
