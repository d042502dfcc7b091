"""A sheet of samples: what the model is given, what it draws, and what it should have drawn."""

from __future__ import annotations

from pathlib import Path

import torch

from stylize.storage.pictures import write_picture
from training.base.batch import BaseBatch
from training.base.drawing_model import DrawingModel
from training.base.objective import draw_in_one_step

COLUMNS = 12


def write_sample_sheet(model: DrawingModel, batch: BaseBatch, out: Path) -> None:
    """Writes a JPEG with three rows, condition, drawing from pure noise in one step, and truth; a column for each
    sample, up to `COLUMNS`."""
    pictures = (batch.condition * 2 - 1, draw_in_one_step(model, batch), batch.drawn)
    rows = [row[:COLUMNS].cpu() for row in pictures]
    grid = torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_picture((grid.permute(1, 2, 0).numpy() + 1) / 2, out)
