"""The main job on real footage, drawn very small by the bundled checkpoint."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from stylize import pipeline
from stylize.config.read_settings import read_settings
from stylize.footage import probe, read_frames
from stylize.footage.clip import Pixels
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run


def planned(clip: Path, out: Path, **settings: object) -> RenderJob:
    quick = {"size": 64, "steps": 1, "precision": "fp32", "device": "cpu", "offline": True}
    return plan_run(clip, out, read_settings(**(quick | settings)))


def test_a_cut_in_real_footage_is_a_wall(shared_data: Path, tmp_path: Path) -> None:
    """Frames 20 to 40 of the bikes with the cut at 30: the shots before and after know nothing of each other."""
    clip = shared_data / "clips" / "bikes_cuts_272p25.mp4"
    together = planned(clip, tmp_path / "together.mp4", start="20f", end="40f")
    assert [(shot.start, shot.end) for shot in together.shots] == [(20, 30), (30, 40)]
    film = pipeline.run(together, keep=True)
    assert (probe(film.path).width, probe(film.path).height) == (640, 272)
    for start, end in ((20, 30), (30, 40)):
        alone = planned(clip, tmp_path / f"{start}.mp4", start=f"{start}f", end=f"{end}f")
        pipeline.run(alone, keep=True)
        for index in range(start, end):
            for name in ("style", "steady", "finish"):
                here, there = (job.segments[0].store(name).read(index) for job in (together, alone))
                np.testing.assert_array_equal(here, there)


def test_frames_stay_in_their_order(shared_data: Path, tmp_path: Path) -> None:
    """Every drawn frame of the counter is most like the source's frame of its own number."""
    clip = shared_data / "clips" / "counter.mp4"
    film = pipeline.run(planned(clip, tmp_path / "counter.mp4", size=256, deflicker=0.0))
    assert film.frames == 30
    assert probe(film.path).rate == Fraction(10)
    sources, drawn = (
        [_outline(frame.pixels) for frame in read_frames(probe(path))] for path in (clip, film.path)
    )
    likeness = np.array([[float((a * b).sum()) for b in sources] for a in drawn])
    assert (likeness.argmax(axis=1) == np.arange(30)).all()


def _outline(pixels: Pixels) -> np.ndarray:
    """A small normalised picture of the edges, by which frames are told apart whatever their colours."""
    grey = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (320, 180), interpolation=cv2.INTER_AREA)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    edges -= edges.mean()
    return edges / np.linalg.norm(edges)
