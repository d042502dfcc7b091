"""Who draws: the bundled checkpoint in several ways, and White-box Cartoonization as a peer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stylize.config.read_settings import read_settings
from stylize.diffusion.generator import DiffusionGenerator
from stylize.finish import finish_cel
from stylize.footage.clip import Pixels, Shot
from stylize.generators.resolve import resolve_config

Hand = Callable[[Pixels, int], Pixels]
"""From a frame (H, W, 3) float32 RGB in [0, 1] and its number to its drawing."""
SQUARE = 512


def ours(finished: bool = True, **settings: Any) -> Hand:
    """Our drawing with these settings, its noise fixed; `finished` by the style, else as the model left it."""
    config = resolve_config(read_settings(runtime="torch", **settings))
    generator = DiffusionGenerator.load(config)

    def draw(frame: Pixels, number: int) -> Pixels:
        drawn = generator.draw([frame], [number], Shot(0, 1_000_000))[0]
        return finish_cel(drawn, frame, config.finish) if finished else drawn

    return draw


def white_box(weights: Path, threads: int = 2) -> Hand | None:
    """White-box Cartoonization (Wang and Yu, CVPR 2020), int8; None where runtime or weights are missing."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError:
        return None
    if not weights.exists():
        return None
    runner = Interpreter(model_path=str(weights), num_threads=threads)
    runner.allocate_tensors()
    given, made = (
        details[0]["index"] for details in (runner.get_input_details(), runner.get_output_details())
    )

    def draw_square(square: Pixels) -> Pixels:
        runner.set_tensor(given, np.ascontiguousarray(square[None, ..., ::-1] * 2 - 1, np.float32))
        runner.invoke()
        return np.clip((runner.get_tensor(made)[0, ..., ::-1] + 1) / 2, 0, 1).astype(np.float32)

    def draw(frame: Pixels, number: int) -> Pixels:
        """Squares of 512 px are all that it takes: they overlap, and fade into one another."""
        height, width = frame.shape[:2]
        beyond = [(0, max(0, SQUARE - height)), (0, max(0, SQUARE - width)), (0, 0)]
        padded = np.pad(frame, beyond, mode="symmetric")
        ramp = np.minimum(np.arange(1, SQUARE + 1), np.arange(SQUARE, 0, -1)).astype(np.float32)
        weight = np.outer(ramp, ramp)[..., None]
        total, shares = np.zeros_like(padded), np.zeros_like(padded[..., :1])
        for top in _starts(padded.shape[0]):
            for left in _starts(padded.shape[1]):
                here = np.s_[top : top + SQUARE, left : left + SQUARE]
                total[here] += weight * draw_square(padded[here])
                shares[here] += weight
        return np.asarray((total / shares)[:height, :width], np.float32)

    return draw


def _starts(length: int) -> list[int]:
    count = -(-length // SQUARE)
    return [round(n * (length - SQUARE) / max(1, count - 1)) for n in range(count)]
