"""Sheets of pictures: what will be learnt, and sample frames as the training goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stylize import footage
from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.prompts.encode import read_prompt
from stylize.diffusion.sizes import scale_down, working_size
from stylize.errors import UsageError
from stylize.footage.clip import Pixels, Shot
from stylize.footage.photograph import SUFFIXES as PICTURES
from stylize.report.labelled_sheet import SheetCell, draw_labelled_sheet
from stylize.storage.pictures import write_picture
from training.dataset.drawing_folder import read_picture
from training.lora.base_model import BaseModel
from training.lora.drawing_set import DrawingCrop
from training.lora.recipe import StyleRecipe

VALIDATION_FRAMES = 4
CELL_PX = 384


def write_sheet(names: Sequence[str], rows: Sequence[Sequence[Pixels]], out: Path) -> None:
    """Writes a JPEG of pictures in rows, each in a cell as large as the largest; whole or not at all.

    Args:
        names: of the rows.
        rows: pictures (H, W, 3) float32 RGB in [0, 1]; those larger than `CELL_PX` are scaled down.
    """
    small = [[scale_down(picture, _cell_size(picture)) for picture in row] for row in rows]
    height, width = (max(picture.shape[axis] for row in small for picture in row) for axis in (0, 1))
    columns = max(map(len, rows))
    cells = [
        [SheetCell(_in_cell(row[at] if at < len(row) else None, height, width)) for at in range(columns)]
        for row in small
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_picture(draw_labelled_sheet(names, [""] * columns, cells, width_px=width), out)


def _in_cell(picture: Pixels | None, height: int, width: int) -> Pixels:
    """A picture in the middle of a grey cell."""
    cell = np.full((height, width, 3), 0.5, np.float32)
    if picture is not None:
        y, x = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
        cell[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return cell


def _cell_size(picture: Pixels) -> tuple[int, int]:
    height, width = picture.shape[:2]
    scale = min(1.0, CELL_PX / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def contact_sheet(crops: Sequence[DrawingCrop], out: Path, columns: int = 8) -> None:
    """Writes what will be learnt: each crop of a drawing over the photograph that it will be drawn from."""
    rows: list[list[Pixels]] = []
    names: list[str] = []
    for first in range(0, len(crops), columns):
        row = crops[first : first + columns]
        rows += [[crop.drawn for crop in row], [crop.source for crop in row]]
        names += ["drawing: what is learnt", "source: what it will be drawn from"]
    write_sheet(names, rows, out)


def validation_frames(place: Path | None, default: Sequence[Pixels], short_side: int) -> list[Pixels]:
    """The few frames that are drawn again and again as the training goes.

    Args:
        place: a clip or a folder of pictures; None takes the first of `default`.
        short_side: that they are scaled down to, px.

    Raises:
        UsageError, FootageError: nothing can be read there.
    """
    if place is None:
        frames = list(default[:VALIDATION_FRAMES])
    elif place.is_dir():
        files = sorted(file for file in place.iterdir() if file.suffix.lower() in PICTURES)
        if not files:
            raise UsageError("There is no picture in this folder.", where=place)
        frames = [read_picture(file) for file in files[:VALIDATION_FRAMES]]
    else:
        clip = footage.probe(place)
        numbers = np.linspace(0, clip.frame_count - 1, VALIDATION_FRAMES + 2).astype(int)[1:-1]
        frames = [frame.pixels for frame in footage.pick_frames(clip, sorted({int(n) for n in numbers}))]
    return [scale_down(each, working_size(each.shape[1], each.shape[0], short_side)) for each in frames]


class ValidationSheet:
    """Draws the validation frames with the weights as they are, beside what the checkpoint drew before."""

    def __init__(self, base_model: BaseModel, recipe: StyleRecipe, prompt: str, frames: list[Pixels]) -> None:
        self.base_model, self.recipe, self.prompt, self.frames = base_model, recipe, prompt, frames
        self.before: list[Pixels] = []

    def draw_before(self) -> None:
        """Draws the middle row; called with the networks untrained."""
        self.before = self.draw()

    def draw(self) -> list[Pixels]:
        """The frames as the networks draw them now, (H, W, 3) float32 RGB in [0, 1]."""
        config = self.base_model.config(self.recipe, self.prompt)
        checkpoint = self.base_model.checkpoint
        generator = DiffusionGenerator(
            config, checkpoint, self.base_model.conditions, read_prompt(checkpoint, config)
        )
        return [
            generator.draw([frame], [number], Shot(0, len(self.frames)))[0]
            for number, frame in enumerate(self.frames)
        ]

    def write(self, out: Path) -> list[Pixels]:
        """Writes three rows: the frames, drawn before the training, drawn now. Returns the last row."""
        now = self.draw()
        names = ("source", "before the training", "now")
        write_sheet(names, [self.frames, self.before, now], out)
        return now
