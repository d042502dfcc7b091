"""A command line to type into, a small clip, and a pipeline that draws nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import footage
from stylize.cli import main
from stylize.footage.cadence import ExposureSheet, expose
from stylize.footage.clip import Clip, Frame, Shot
from stylize.jobs import plan

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
    """A look's stand-in: the command line prints whatever it says."""

    style: str = "anime"
    strength: float = 0.75
    device: str = "cpu"
    precision: str = "fp32"


@dataclass(frozen=True)
class Pass:
    name: str
    fingerprint: str
    frames: int
    done: int
    size: tuple[int, int]


@dataclass(frozen=True)
class Cost:
    weights_bytes: int = 18_300_000
    memory_bytes: int = 1_200_000_000
    disk_bytes: int = 4_000_000
    tflop: float | None = 3.5
    seconds: float | None = 42.0


@dataclass(frozen=True)
class Plan:
    """What the command line reads of a plan."""

    clip: Clip
    span: range
    shots: tuple[Shot, ...]
    sheet: ExposureSheet
    config: Drawing
    out: Path
    format: str
    audio: bool
    run_dir: Path
    working_size: tuple[int, int]
    passes: tuple[Pass, ...]
    cost: Cost
    comp: None = None
    foreground: None = None
    check_film = plan.Plan.check_film

    @property
    def parts(self) -> tuple[Plan, ...]:
        return (self,)


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

    def make_plan(self, source: Path, out: Path, settings: Any, *, work_dir: Path | None = None) -> Plan:
        self.plans += 1
        self.settings, self.work_dir = settings, work_dir
        plate = footage.probe(source)
        start = footage.parse_time(settings.start, plate) if settings.start else 0
        end = footage.parse_time(settings.end, plate) if settings.end else plate.frame_count
        count = end - start
        return Plan(
            clip=plate,
            span=range(start, end),
            shots=(Shot(start, end),),
            sheet=expose([Shot(start, end)], [2], range(start, end)),
            config=Drawing(),
            out=out,
            format=settings.format or "mp4",
            audio=settings.audio,
            run_dir=work_dir or Path("frames.stylize"),
            working_size=(96, 64),
            passes=(Pass("style", "ab12", count, 5, (96, 64)), Pass("finish", "cd34", count, 0, (96, 64))),
            cost=Cost(),
        )

    def run(self, plan: Plan, listener: Callable[..., None], **asked: Any) -> Film:
        self.asked = asked
        self.draw(listener, asked["stop"])
        return Film(plan.out, len(plan.span), 12.5)

    def preview(self, plan: Plan, index: int, out: Path) -> Path:
        self.asked = {"index": index}
        out.write_bytes(b"a picture")
        return out


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = Studio()
    monkeypatch.setattr("stylize.jobs.plan.make_plan", studio.make_plan)
    monkeypatch.setattr("stylize.pipeline.run", studio.run)
    monkeypatch.setattr("stylize.pipeline.preview", studio.preview)
    return studio
