"""A command line to type into, a small clip, and a pipeline that draws nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import footage
from stylize.cli import main
from stylize.footage.cadence import expose
from stylize.footage.clip import Clip, Frame, Shot
from stylize.jobs.cost import RunCost
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import PassProgress, RenderJob, Segment
from stylize.jobs.specs import DrawingSpec
from stylize.passes.base import Pass
from stylize.passes.frame_set import FrameSet

CUT = 9
FRAMES = 20


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Typed = Callable[..., Said]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Typed:
    """Runs `stylize WORDS...` in an empty folder, with no settings but the words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stylize.config.read_settings.PROJECT_FILE", Path("stylize.toml"))

    def run(*words: str | Path) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in words])
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames at 24 fps, 96x64, of two scenes that cut at frame 9."""
    path = tmp_path_factory.mktemp("clip") / "two scenes.mp4"
    plan = Clip(path, 96, 64, Fraction(24), Fraction(1, 24), FRAMES)
    footage.write_film(_frames(), path, plan, format="mp4", audio=False)
    return path


def _frames() -> list[Frame]:
    rng = np.random.default_rng(3)
    scenes = [rng.random((64, 96, 3), dtype=np.float32) * scale for scale in (0.4, 1.0)]
    scenes[1][:, :48] = (0.9, 0.2, 0.1)
    return [Frame(index, index, scenes[index >= CUT]) for index in range(FRAMES)]


@dataclass(frozen=True)
class Drawing:
    """A config's stand-in: the command line prints whatever it says."""

    style: str = "anime"
    strength: float = 0.75
    device: str = "cpu"
    precision: str = "fp32"


class StandInJob(RenderJob):
    """A job whose passes have made five drawings so far."""

    def progress(self, name: str) -> PassProgress:
        return PassProgress(name, len(self.span), 5 if name == "style" else 0, (96, 64))


@dataclass
class StandInPass(Pass):
    """A pass by name alone."""

    name: str
    frames: FrameSet

    def settings(self) -> object:
        return None

    def render(self, shot: object, wanted: object, inputs: object) -> Iterator[Any]:
        raise NotImplementedError


def stand_in_job(clip: Clip, span: range, film: FilmOutput, run_dir: Path) -> RenderJob:
    """What the command line reads of a job."""
    shots = (Shot(span.start, span.stop),)
    passes = tuple(StandInPass(name, FrameSet(span)) for name in ("style", "finish"))
    spec = DrawingSpec(Drawing(), None, (96, 64))  # type: ignore[arg-type]
    segment = Segment(
        source="ab12",
        shots=shots,
        sheet=expose(shots, [2], span),
        spec=spec,
        passes=passes,
        sources={},
        film_picture="finish",
        scene=None,
        fingerprints={"style": "ab12", "finish": "cd34"},
        run_dir=run_dir,
        depth="8",
    )
    return StandInJob(clip, (segment,), (film,), run_dir)


@dataclass(frozen=True)
class Film:
    path: Path
    frames: int
    seconds: float


class Studio:
    """Stands in for the planner and the pipeline, and remembers what they were asked."""

    def __init__(self) -> None:
        self.settings: Any = None
        self.asked: dict[str, Any] = {}
        self.work_dir: Path | None = None
        self.plans = 0
        self.draw: Callable[..., None] = lambda listener, stop: None

    def plan_run(self, source: Path, out: Path, settings: Any, *, work_dir: Path | None = None) -> RenderJob:
        self.plans += 1
        self.settings, self.work_dir = settings, work_dir
        plate = footage.probe(source)
        start = footage.parse_time(settings.start, plate) if settings.start else 0
        end = footage.parse_time(settings.end, plate) if settings.end else plate.frame_count
        film = FilmOutput(out, settings.format or "mp4", settings.audio)
        return stand_in_job(plate, range(start, end), film, work_dir or Path("frames.stylize"))

    def run(self, job: RenderJob, listener: Callable[..., None], **asked: Any) -> Film:
        self.asked = asked
        self.draw(listener, asked["stop"])
        return Film(job.film.path, len(job.span), 12.5)

    def preview(self, job: RenderJob, index: int, out: Path) -> Path:
        self.asked = {"index": index}
        out.write_bytes(b"a picture")
        return out


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = Studio()
    cost = RunCost(18_300_000, 1_200_000_000, 4_000_000, 3.5, 42.0)
    monkeypatch.setattr("stylize.jobs.plan_run.plan_run", studio.plan_run)
    monkeypatch.setattr("stylize.jobs.cost.cost_of", lambda job: cost)
    monkeypatch.setattr("stylize.pipeline.run", studio.run)
    monkeypatch.setattr("stylize.pipeline.preview", studio.preview)
    return studio
