"""Whether the prompt and the strength do what they say, on real frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.look import measures
from benchmarks.look.clips import CLIPS, frames_of
from benchmarks.look.hands import ours
from deflicker.metrics import psnr
from stylize.footage.clip import Pixels

PROMPT = "anime, {} palette, {} lines, two tone shading, flat background"


def steering(folder: Path, short: int, model: str, frames: int = 10) -> list[str]:
    """Tables: how often each pair of prompts moves its measure the right way, and what strength changes."""
    chosen = [each for name, numbers in CLIPS.items() for each in frames_of(folder, name, numbers, short)]
    chosen = chosen[:: max(1, len(chosen) // frames)][:frames]

    def draw(**settings: Any) -> list[Pixels]:
        hand = ours(finished=False, model=model, **settings)
        return [hand(frame, number) for number, frame in chosen]

    rows = ["| prompts | measure | right way | mean of each |", "|-|-|-|-|"]
    tests: list[tuple[str, str, str, Callable[[Pixels], float]]] = [
        ("warm", "cool", "warmth (red less blue, levels)", measures.warmth),
        ("thick", "thin", "line coverage, %", lambda picture: 100 * measures.line_coverage(picture)),
    ]
    for more, less, name, measure in tests:
        values = []
        for word in (more, less):
            prompt = PROMPT.format(*((word, "medium") if name.startswith("warmth") else ("neutral", word)))
            values.append([measure(picture) for picture in draw(prompt=prompt)])
        right = sum(a > b for a, b in zip(*values, strict=True))
        means = " / ".join(f"{np.mean(each):.2f}" for each in values)
        rows.append(f"| {more} / {less} | {name} | {right} of {len(chosen)} | {means} |")
    rows += ["", "| strength | PSNR to the source, dB | texture in flats, share |", "|-|-|-|"]
    for strength in (0.3, 0.6, 1.0):
        drawn = draw(strength=strength, steps=4)
        near = np.mean([psnr(d, frame) for d, (_, frame) in zip(drawn, chosen, strict=True)])
        calm = [measures.texture_share(d, frame) for d, (_, frame) in zip(drawn, chosen, strict=True)]
        rows.append(f"| {strength} | {near:.2f} | {np.mean(calm):.2f} |")
    return rows
