"""A sheet of a live training: what is filmed, what the live model draws, and what its teacher drew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from stylize.storage.pictures import write_picture
from training.live.network import GRID
from training.live.pairs import LivePair

COLUMNS = 6
HEIGHT = 320
"""Of a picture of the sheet, px."""


def write_live_sheet(
    network: nn.Module, taught: Sequence[LivePair], rendered: Sequence[LivePair], out: Path
) -> None:
    """Writes a JPEG with a column for each of a few pairs: frame, drawing, teacher's drawing."""
    every = max(1, len(taught) // (COLUMNS - 1))
    shown = [*taught[::every][: COLUMNS - 1], *rendered[: 1 if taught else COLUMNS]]
    columns = [_column(network, pair) for pair in shown]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_picture(np.concatenate(columns, axis=1), out)


@torch.no_grad()
def _column(network: nn.Module, pair: LivePair) -> np.ndarray:
    frame, drawn = (_middle(plane) for plane in (pair.frame, pair.drawn))
    device = next(network.parameters()).device
    drawing = network(torch.from_numpy(frame.transpose(2, 0, 1))[None].to(device))[0].cpu()
    live = drawing.numpy().transpose(1, 2, 0).clip(0, 1)
    return np.concatenate([frame, live, drawn], axis=0)


def _middle(levels: np.ndarray) -> np.ndarray:
    """The middle of a picture at the sheet's height, (HEIGHT, HEIGHT, 3) float32 in [0, 1]."""
    assert HEIGHT % GRID == 0
    side = min(levels.shape[:2])
    y, x = (levels.shape[0] - side) // 2, (levels.shape[1] - side) // 2
    square = levels[y : y + side, x : x + side].astype(np.float32) / 255
    how = cv2.INTER_AREA if side > HEIGHT else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (HEIGHT, HEIGHT), interpolation=how), np.float32).clip(0, 1)
