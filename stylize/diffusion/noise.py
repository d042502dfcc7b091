"""The noise that drawing starts from: one for a shot, one for a frame, or the source's own."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from stylize.footage.clip import Shot


def noise_for(kind: str, seed: int, shot: Shot, index: int, shape: tuple[int, int, int]) -> Tensor:
    """Standard normal noise (C, H, W) float32, drawn on the CPU so that every device gets the same.

    It hangs on the job's seed and on the shot ('fixed') or the frame ('per-frame') alone: never on the
    order of work, the size of a batch, or the machine.
    """
    subject = ("frame", index) if kind == "per-frame" else ("shot", shot.start)
    digest = hashlib.sha256(f"{seed}/{subject[0]}/{subject[1]}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
    return torch.randn(shape, generator=generator)
