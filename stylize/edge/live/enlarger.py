"""A network that enlarges drawings to twice their size, along the edges of the photograph."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from pydantic import Field

from stylize.diffusion.sizes import crop
from stylize.edge.engines import choose_engine, open_engine
from stylize.edge.live.manifest import (
    LiveFile,
    LiveTable,
    check_live_file,
    read_table,
    write_table,
)
from stylize.edge.live.sessions import PictureNetwork
from stylize.footage.clip import Pixels
from stylize.system.machine import usable_cores

ENLARGER = "enlarger.json"
FACTOR = 2
MARGIN_PX = 8
"""Around a drawing, at its own size: about as far as the network sees."""


class EnlargerManifest(LiveTable):
    """Everything that enlarging with a network depends on, and what a person would ask about it.

    `grid` is the multiple that the drawing's sides are padded to, px; `gflop` the work of a drawing of 512x512 px.
    """

    format: int = 1
    kind: Literal["enlarger"] = "enlarger"
    licence: str
    grid: int = Field(gt=0)
    parameters: int
    gflop: float
    steps: int
    pairs: int
    file: LiveFile


def bundled_enlarger() -> Path:
    """The folder of the enlarger that comes with the program."""
    return Path(str(resources.files("stylize") / "models" / "enlarger"))


def is_enlarger(folder: Path) -> bool:
    """Whether a folder holds an enlarger."""
    return (folder / ENLARGER).is_file()


def read_enlarger_manifest(folder: Path) -> EnlargerManifest:
    """Reads an enlarger's manifest, and none of its other files.

    Raises:
        ModelError: there is none, it cannot be read, or it is of another format.
    """
    return read_table(folder / ENLARGER, EnlargerManifest)


def write_enlarger_manifest(folder: Path, manifest: EnlargerManifest) -> None:
    """Writes the manifest; last of the files, so that a folder that has one is a whole enlarger."""
    write_table(folder / ENLARGER, manifest)


@dataclass
class NetworkEnlarger:
    """A loaded enlarger. Each drawing is enlarged by itself."""

    grid: int
    network: PictureNetwork

    @classmethod
    def load(cls, folder: Path) -> NetworkEnlarger:
        """Reads the manifest, compares the file's digest with it, and chooses the engine of this processor. It
        computes on half of the cores, beside the pass that draws.

        Raises:
            ModelError: a file is missing or is another. MissingPart: no engine is installed.
        """
        manifest = read_enlarger_manifest(folder)
        engine, threads = open_engine(choose_engine("cpu", "cpu-int8")), max(1, usable_cores() // 2)
        return cls(manifest.grid, PictureNetwork(check_live_file(folder, manifest.file), engine, threads))

    def enlarge(self, drawn: Pixels, plate: Pixels) -> Pixels:
        """The drawing at twice its size.

        Args:
            drawn: (h, w, 3) float32 RGB in [0, 1].
            plate: (H, W, 3) float32 RGB in [0, 1], the same frame of the source, of any size.

        Returns:
            (2h, 2w, 3) float32 RGB in [0, 1].
        """
        height, width = drawn.shape[:2]
        small = _with_margin(drawn, MARGIN_PX, self.grid)
        luma = _luma_at(plate, (FACTOR * width, FACTOR * height))
        luma = _with_margin(luma, FACTOR * MARGIN_PX, FACTOR * self.grid)
        folded = [luma[row::FACTOR, column::FACTOR] for row in range(FACTOR) for column in range(FACTOR)]
        large = self.network.run(np.asarray(cv2.merge([*cv2.split(small), *folded]), np.float32))
        inside = slice(FACTOR * MARGIN_PX, None)
        return crop(large[inside, inside], (FACTOR * width, FACTOR * height))


def _with_margin(picture: Pixels, margin: int, grid: int) -> Pixels:
    """The picture, mirrored beyond its edges, with sides that divide by `grid`: the network takes what lies outside
    for grey, and would draw its edges greyer."""
    height, width = picture.shape[:2]
    border = cv2.BORDER_REFLECT if min(height, width) > margin + grid else cv2.BORDER_REPLICATE
    down, right = margin - (height + 2 * margin) % -grid, margin - (width + 2 * margin) % -grid
    return np.asarray(cv2.copyMakeBorder(picture, margin, down, margin, right, border), np.float32)


def _luma_at(plate: Pixels, size: tuple[int, int]) -> Pixels:
    """The plate's luma, (H, W), at (width, height) `size`."""
    luma = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY)
    how = cv2.INTER_AREA if luma.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.asarray(
        luma if luma.shape[::-1] == size else cv2.resize(luma, size, interpolation=how), np.float32
    )
