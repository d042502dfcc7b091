"""A small clip with a cut, whose frames are known exactly, and paintings of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize import footage
from stylize.footage.clip import Clip, Frame

WIDTH, HEIGHT, FRAMES, CUT = 96, 64, 12, 8


def plate(index: int) -> np.ndarray:
    """A square that crosses a blurred noise; another noise from the cut on."""
    noise = np.random.default_rng(5 if index < CUT else 6).uniform(0, 1, (HEIGHT, WIDTH, 3))
    ground = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 2.5)
    picture = np.clip((ground - ground.mean()) * 5 + 0.5, 0, 1)
    picture[20:44, 10 + 3 * index : 34 + 3 * index] = (0.9, 0.6, 0.2)
    return picture


def painting(index: int) -> np.ndarray:
    """Its flat tones in other colours, in 8 bits: a look that no filter of the plate would give."""
    tones = np.round(plate(index) * 4) / 4
    return np.rint(tones[..., [2, 0, 1]] * 255).astype(np.uint8)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keyed clip") / "crossing.mp4"
    frames = [Frame(index, index, plate(index)) for index in range(FRAMES)]
    about = Clip(path, WIDTH, HEIGHT, Fraction(24), Fraction(1, 24), FRAMES)
    footage.write_film(frames, path, about, audio=False)
    path.with_suffix(".csv").write_text(f"start,end\n0,{CUT}\n{CUT},{FRAMES}\n")
    return path


@pytest.fixture
def paint(tmp_path: Path) -> Callable[..., Path]:
    """paint({name: pixels}): a folder of paintings, (height, width, 3 or 4) uint8."""

    def write(pictures: dict[str, np.ndarray]) -> Path:
        folder = tmp_path / "keys"
        folder.mkdir(exist_ok=True)
        for name, pixels in pictures.items():
            order = [2, 1, 0, 3][: pixels.shape[2]]
            cv2.imwrite(str(folder / name), np.ascontiguousarray(pixels[..., order]))
        return folder

    return write
