"""Sheets: what will be learnt, and how far it has been learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stylize import footage
from stylize.diffusion.generator import DiffusionGenerator, read_prompt
from stylize.diffusion.sizes import scale_down, working_size
from stylize.errors import UsageError
from stylize.footage.clip import Pixels, Shot
from stylize.report.side_by_side import write_picture
from training.dataset.gather import PICTURES, read_picture
from training.lora.recipe import Recipe
from training.lora.samples import Sample
from training.lora.standing import Standing

SHOWN = 4
CELL_PX = 384


def write_sheet(rows: Sequence[Sequence[Pixels]], out: Path) -> None:
    """A JPEG of pictures in rows, each in a cell as large as the largest. Written whole or not at all."""
    small = [[scale_down(picture, _within_cell(picture)) for picture in row] for row in rows]
    height, width = (max(picture.shape[axis] for row in small for picture in row) for axis in (0, 1))
    page = np.full((len(rows) * height, max(map(len, rows)) * width, 3), 0.5, np.float32)
    for down, row in enumerate(small):
        for along, picture in enumerate(row):
            y = down * height + (height - picture.shape[0]) // 2
            x = along * width + (width - picture.shape[1]) // 2
            page[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    out.parent.mkdir(parents=True, exist_ok=True)
    write_picture(page, out)


def _within_cell(picture: Pixels) -> tuple[int, int]:
    height, width = picture.shape[:2]
    scale = min(1.0, CELL_PX / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def contact_sheet(samples: Sequence[Sample], out: Path, columns: int = 8) -> None:
    """What will be learnt: every drawing over the source that it will be drawn from."""
    rows: list[list[Pixels]] = []
    for first in range(0, len(samples), columns):
        few = samples[first : first + columns]
        rows += [[sample.drawn for sample in few], [sample.source for sample in few]]
    write_sheet(rows, out)


def validation_frames(place: Path | None, otherwise: Sequence[Pixels], short_side: int) -> list[Pixels]:
    """A few fixed frames to draw as the training goes: of a clip, of a folder of pictures, or `otherwise`.

    Raises:
        UsageError, FootageError: nothing can be read there.
    """
    if place is None:
        frames = list(otherwise[:SHOWN])
    elif place.is_dir():
        files = sorted(file for file in place.iterdir() if file.suffix.lower() in PICTURES)
        if not files:
            raise UsageError("There is no picture in this folder.", where=place)
        frames = [read_picture(file) for file in files[:SHOWN]]
    else:
        clip = footage.probe(place)
        numbers = np.linspace(0, clip.frame_count - 1, SHOWN + 2).astype(int)[1:-1]
        frames = [frame.pixels for frame in footage.pick_frames(clip, sorted({int(n) for n in numbers}))]
    return [scale_down(each, working_size(each.shape[1], each.shape[0], short_side)) for each in frames]


class Samples:
    """Draws the validation frames with the LoRA as it stands, beside the checkpoint's own drawing."""

    def __init__(self, standing: Standing, recipe: Recipe, prompt: str, frames: list[Pixels]) -> None:
        self.standing, self.recipe, self.prompt, self.frames = standing, recipe, prompt, frames
        self.before: list[Pixels] | None = None

    def draw(self) -> list[Pixels]:
        config = self.standing.config(self.recipe, self.prompt)
        checkpoint = self.standing.checkpoint
        generator = DiffusionGenerator(
            config, checkpoint, self.standing.conditions, read_prompt(checkpoint, config)
        )
        return [
            generator.draw([frame], [number], Shot(0, len(self.frames)))[0]
            for number, frame in enumerate(self.frames)
        ]

    def write(self, out: Path) -> list[Pixels]:
        """Rows: the frames, the checkpoint alone, the checkpoint with what it has learnt."""
        assert self.before is not None
        now = self.draw()
        write_sheet([self.frames, self.before, now], out)
        return now
