"""Rendered scenes that no training saw, against their drawn truth."""

from __future__ import annotations

import numpy as np

from benchmarks.look import measures
from benchmarks.look.hands import ours
from deflicker.metrics import psnr
from stylize.footage.clip import Pixels
from training.base.scenes import Attributes, render_pair

HELD_OUT = 1_000_003
"""A seed that no training uses: those draw from small ones."""


def held_out(scenes: int, size: int, model: str) -> list[str]:
    """A table: the photograph itself, then the model at one, two and four steps, without the style's finish."""
    plain = Attributes()
    pairs = [render_pair(np.random.default_rng((HELD_OUT, n)), size, plain) for n in range(scenes)]
    truths = [pair.drawn for pair in pairs]
    rows = [
        f"{scenes} scenes of {size} px:",
        "",
        "| | PSNR dB | structure distance | edge F1 | texture in flats | line coverage | cast |",
        "|-|-|-|-|-|-|-|",
        _row("the drawn truth", truths, truths),
        _row("the photograph itself", [pair.photo for pair in pairs], truths),
    ]
    for steps in (1, 2, 4):
        draw = ours(finished=False, model=model, steps=steps, prompt=plain.caption(), strength=1.0)
        drawn = [draw(pair.photo, number) for number, pair in enumerate(pairs)]
        rows.append(_row(f"{steps} step{'s' * (steps > 1)}", drawn, truths))
    return rows


def _row(name: str, pictures: list[Pixels], truths: list[Pixels]) -> str:
    both = list(zip(pictures, truths, strict=True))
    same = pictures is truths
    quality = "" if same else f"{np.mean([psnr(*each) for each in both]):.2f}"
    distance = np.mean([measures.structure_distance(*each) for each in both])
    f1 = np.mean([measures.edge_f1(measures.edges(g, 0.8), measures.edges(t, 0.8), 1.5) for g, t in both])
    texture = np.mean([measures.texture(g, measures.flat_areas(t)) for g, t in both])
    lines = np.mean([measures.line_coverage(picture) for picture in pictures])
    colour = np.mean([measures.cast(*each) for each in both])
    return f"| {name} | {quality} | {distance:.3f} | {f1:.3f} | {texture:.2f} | {lines:.3f} | {colour:.1f} |"
