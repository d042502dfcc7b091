"""A sheet of samples: what the artist sees, what it draws from noise in one step, what it should have drawn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from training.base.artist import Artist
from training.base.step import Lesson, first_guess


def write_sheet(artist: Artist, lesson: Lesson, out: Path) -> None:
    """Writes a JPEG with a row for each: condition, guess, truth; a column for each sample."""
    rows = [lesson.condition * 2 - 1, first_guess(artist, lesson), lesson.drawn]
    grid = torch.cat([torch.cat(list(row.cpu()), dim=2) for row in rows], dim=1)
    levels = ((grid.permute(1, 2, 0).numpy() + 1) * 127.5).round().clip(0, 255).astype(np.uint8)
    done, coded = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not done:
        raise RuntimeError("OpenCV could not compress the sheet.")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(coded.tobytes())
