"""Two trainings may work in one folder: neither writes to a file that the other is writing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from stylize import footage
from stylize.footage.clip import Clip, Frame
from training.base.cels import PLANES, Cels, read_cels
from training.base.pair_folder import pair_count, write_pairs
from training.dataset.stills import write_stills
from training.live.pairs import read_pair, write_pair

NOISE = np.random.default_rng(3).random((32, 48, 3)).astype(np.float32)


def cels(folder: Path) -> None:
    Cels(**dict.fromkeys(PLANES, NOISE)).write(folder / "a.png")
    assert read_cels(folder / "a.png").shape == (5, 32, 48, 3)


def pair(folder: Path) -> None:
    write_pair(folder / "a.png", NOISE, NOISE, NOISE)
    assert read_pair(folder / "a.png").drawn.shape == (32, 48, 3)


def listing(folder: Path) -> None:
    write_pairs(folder, 5, {"seed": 1}, [], lambda task: 0, 1, lambda count: None)
    assert pair_count(folder) == 5


def stills(folder: Path) -> None:
    film = folder / "film.mp4"
    frames = (Frame(number, number, NOISE) for number in range(12))
    footage.write_film(frames, film, Clip(film, 48, 32, Fraction(24), Fraction(1, 24), 12), audio=False)
    assert write_stills(film, folder / "a") == 1


@pytest.mark.parametrize(
    ("write", "others"),
    [(cels, ".a.tmp.png"), (pair, ".a.tmp.png"), (listing, "pairs.tmp"), (stills, ".a.tmp")],
)
def test_what_another_run_is_writing_is_left_alone(
    write: Callable[[Path], None], others: str, tmp_path: Path
) -> None:
    """By the names that both took once; a folder of that name would end in an error, a file be lost."""
    (tmp_path / others).mkdir()
    (tmp_path / others / "half").touch()
    write(tmp_path)
    assert (tmp_path / others / "half").is_file()
    assert not [file for file in tmp_path.glob(".*") if file.name != others]
