"""Rendered pairs: each depends on (seed, number) alone, so a longer set begins with the shorter one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from training.base.prepare import keep_pairs, missing, pair_path
from training.base.scenes import render_cels


def prepare(
    out: Path,
    count: int,
    size: int = 192,
    seed: int = 0,
    processes: int = 1,
    tell: Callable[[int], None] = lambda done: None,
) -> None:
    """Renders `count` pairs; those that are there already are kept.

    Args:
        size: side of the pictures, px; training crops them.
        processes, tell: see `keep_pairs`.
    """
    make = functools.partial(_render, out, size, seed)
    origin = {"kind": "rendered", "size": size, "seed": seed}
    keep_pairs(out, count, origin, missing(out, count), make, processes, tell)


def _render(out: Path, size: int, seed: int, number: int) -> int:
    render_cels(np.random.default_rng((seed, number)), size).write(pair_path(out, number))
    return number
