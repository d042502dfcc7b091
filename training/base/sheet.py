"""A sheet of samples: what the artist sees, what it draws from noise in one step, what it should have drawn."""

from __future__ import annotations

from pathlib import Path

import torch

from stylize.report.side_by_side import write_picture
from training.base.artist import Artist
from training.base.step import Lesson, first_guess

COLUMNS = 12


def write_sheet(artist: Artist, lesson: Lesson, out: Path) -> None:
    """Writes a JPEG with a row for each: condition, guess, truth; a column for each sample, up to `COLUMNS`."""
    rows = [rows[:COLUMNS] for rows in (lesson.condition * 2 - 1, first_guess(artist, lesson), lesson.drawn)]
    grid = torch.cat([torch.cat(list(row.cpu()), dim=2) for row in rows], dim=1)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_picture((grid.permute(1, 2, 0).numpy() + 1) / 2, out)
