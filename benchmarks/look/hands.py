"""Who draws: the bundled checkpoint in several ways, and White-box Cartoonization as a peer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylize.diffusion.painter import Painter
from stylize.finish import finish_cel
from stylize.footage.clip import Pixels, Shot
from stylize.look import decide_look
from stylize.settings import read_settings

Hand = Callable[[Pixels, int], Pixels]
"""From a frame (H, W, 3) float32 RGB in [0, 1] and its number to its drawing."""


def ours(finished: bool = True, **settings: Any) -> Hand:
    """Our drawing with these settings, its noise fixed; `finished` by the style, else as the model left it."""
    look = decide_look(read_settings(**settings))
    painter = Painter.load(look)

    def draw(frame: Pixels, number: int) -> Pixels:
        drawn = painter.draw([frame], [number], Shot(0, 1_000_000))[0]
        return finish_cel(drawn, frame, look.finish) if finished else drawn

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
    shape: tuple[int, ...] = ()

    def draw(frame: Pixels, number: int) -> Pixels:
        nonlocal shape
        height, width = (side // 8 * 8 for side in frame.shape[:2])
        given = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        if shape != given.shape:
            shape = given.shape
            runner.resize_tensor_input(runner.get_input_details()[0]["index"], [1, *shape])
            runner.allocate_tensors()
        bgr = np.ascontiguousarray(given[None, ..., ::-1] * 2 - 1, np.float32)
        runner.set_tensor(runner.get_input_details()[0]["index"], bgr)
        runner.invoke()
        drawn = runner.get_tensor(runner.get_output_details()[0]["index"])[0, ..., ::-1]
        drawn = np.clip((drawn + 1) / 2, 0, 1).astype(np.float32)
        return np.asarray(cv2.resize(drawn, frame.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)

    return draw
