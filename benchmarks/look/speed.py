"""Seconds and memory a frame, by the number of steps, beside the peer in one run."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.look.hands import Hand, ours
from benchmarks.measure.memory import MIB
from stylize.system.machine import peak_of_this_process


def speed(model: str, side: int, peer: Hand | None, repeats: int = 3) -> list[str]:
    """A table of the best of `repeats` for a frame of `side` px squared, without the style's finish."""
    frame = np.random.default_rng(0).random((side, side, 3), np.float32)
    hands: dict[str, Hand] = {} if peer is None else {"White-box, int8": peer}
    hands |= {f"ours, {n} step{'s' * (n > 1)}": ours(finished=False, model=model, steps=n) for n in (1, 2, 4)}
    rows = [f"| {side}x{side} | s a frame | ratio to the first row | peak MiB so far |", "|-|-|-|-|"]
    first = 0.0
    for who, draw in hands.items():
        times = []
        for number in range(repeats + 1):
            began = time.perf_counter()
            draw(frame, number)
            times.append(time.perf_counter() - began)
        best = min(times[1:])
        first = first or best
        rows.append(f"| {who} | {best:.3f} | {best / first:.1f} | {peak_of_this_process() / MIB:.0f} |")
    return rows
