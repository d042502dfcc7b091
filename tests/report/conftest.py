"""A finished film with its frames still in the store: made by steadying, which needs no model."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize import footage, pipeline
from stylize.config.settings import RunSettings
from stylize.footage.clip import Clip, Frame
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_steadying import plan_steadying

FRAMES, CUT = 24, 12
SHOTS = f"start,end\n0,{CUT}\n{CUT},{FRAMES}\n"


def write_clip(path: Path, frames: list[np.ndarray]) -> Path:
    height, width = frames[0].shape[:2]
    clip = Clip(path, width, height, Fraction(24), Fraction(1, 24), len(frames))
    numbered = (Frame(number, number, frame) for number, frame in enumerate(frames))
    footage.write_film(numbered, path, clip, format="mp4", audio=False)
    return path


def moving(count: int = FRAMES, flicker: float = 0.0) -> list[np.ndarray]:
    """A textured picture that slides; every frame a little brighter or darker than it should be, by `flicker`."""
    rng = np.random.default_rng(5)
    texture = cv2.GaussianBlur(rng.random((96, 220, 3), dtype=np.float32), (0, 0), 3)
    texture = (texture - texture.min()) / np.ptp(texture)
    levels = 1 + flicker * rng.standard_normal(count).astype(np.float32)
    return [
        np.clip(texture[:, 2 * n : 2 * n + 128, :: 1 if n < CUT else -1] * levels[n], 0, 1)
        for n in range(count)
    ]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., RenderJob]:
    """made(NAME): a steadied film of that name, its frames kept."""
    folder = tmp_path_factory.mktemp("report")
    source = write_clip(folder / "plate.mp4", moving())
    drawn = write_clip(folder / "drawn.mp4", moving(flicker=0.08))
    (folder / "shots.csv").write_text(SHOTS)

    def make(name: str) -> RenderJob:
        job = plan_steadying(drawn, source, folder / name, RunSettings(shots=folder / "shots.csv"))
        pipeline.run(job, keep=True, overwrite=True)
        return job

    return make
