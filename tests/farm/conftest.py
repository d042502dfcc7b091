"""A small clip with a cut, and a plan of it that is drawn in seconds by the bundled checkpoint."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import footage
from stylize.config.read_settings import read_settings
from stylize.farm.cluster import set_environment
from stylize.footage.clip import Clip, Frame
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run

ROOT = Path(__file__).resolve().parents[2]
FRAMES, CUT = 13, 8
QUICK: dict[str, Any] = {"steps": 1, "size": 64, "precision": "fp32", "device": "cpu"}


@pytest.fixture(scope="session", autouse=True)
def environment() -> Iterator[None]:
    """Ray reads its settings once in a process, so they are set before the first test imports it."""
    before = dict(os.environ)
    set_environment(embedded=True)
    os.environ["PYTHONPATH"] = str(ROOT)  # workers import the stand-in
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirteen frames of 96x64 at 24 fps: a square crosses one ground, then after a cut at frame 8 another."""
    path = tmp_path_factory.mktemp("farm clip") / "crossing.mp4"
    footage.write_film(
        _frames(), path, Clip(path, 96, 64, Fraction(24), Fraction(1, 24), FRAMES), audio=False
    )
    return path


def _frames() -> list[Frame]:
    rng = np.random.default_rng(5)
    grounds = [np.repeat(np.repeat(rng.random((8, 12, 3), np.float32), 8, 0), 8, 1) * s for s in (0.5, 1.0)]
    frames = []
    for index in range(FRAMES):
        picture = grounds[index >= CUT].copy()
        picture[20:44, 3 * index : 3 * index + 24] = (0.9, 0.6, 0.2)
        frames.append(Frame(index, index, picture))
    return frames


@pytest.fixture(scope="session")
def shot_list(clip: Path) -> Path:
    listing = clip.with_suffix(".csv")
    listing.write_text(f"start,end\n0,{CUT}\n{CUT},{FRAMES}\n")
    return listing


@pytest.fixture
def planned(clip: Path, shot_list: Path, tmp_path: Path):
    """planned(name, **settings): a plan with quick settings."""

    def plan(name: str = "film.mp4", **settings: Any) -> RenderJob:
        asked = {**QUICK, "shots": shot_list, **settings}
        return plan_run(clip, tmp_path / name, read_settings(**asked))

    return plan


def write_jobs(folder: Path, clip: Path, shot_list: Path) -> Path:
    """A list of one job, `film`, in three passes."""
    settings = {
        **QUICK,
        "clip": str(clip),
        "shots": str(shot_list),
        "out": "film.mp4",
        "repair": "off",
        "deflicker": 0,
    }
    file = folder / "jobs.toml"
    file.write_text(
        "[[job]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    )
    return file
