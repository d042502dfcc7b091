"""Prepares pairs of rendered scenes. Each depends on (seed, number) alone, so a longer set begins with a shorter
one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from training.base.pair_folder import missing_pairs, pair_path, write_pairs
from training.base.scenes import render_cels


def write_rendered_pairs(
    out: Path,
    count: int,
    size: int = 192,
    seed: int = 0,
    processes: int = 1,
    on_written: Callable[[int], None] = lambda count: None,
) -> None:
    """Renders `count` pairs; those that are there already are kept.

    Args:
        size: side of the pictures, px; training crops them.
        processes, on_written: see `write_pairs`.
    """
    make = functools.partial(_render, out, size, seed)
    origin = {"kind": "rendered", "size": size, "seed": seed}
    write_pairs(out, count, origin, missing_pairs(out, count), make, processes, on_written)


def _render(out: Path, size: int, seed: int, number: int) -> int:
    render_cels(np.random.default_rng((seed, number)), size).write(pair_path(out, number))
    return number
