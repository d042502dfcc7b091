"""A film whose shots are not all made alike: each run of shots with settings of its own is a part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stylize.comp.mattes.output import Output
from stylize.footage.clip import Clip, Shot
from stylize.jobs.job import check_film_of
from stylize.jobs.plan import Plan
from stylize.storage.place import Place


@dataclass(frozen=True)
class SplicedPlan:
    """Plans of neighbouring shots of one clip, in order, that become one film. A cut is a wall: where a film is
    divided at its cuts, no frame changes.
    """

    parts: tuple[Plan, ...]

    @property
    def clip(self) -> Clip:
        return self.parts[0].clip

    @property
    def span(self) -> range:
        return range(self.parts[0].span.start, self.parts[-1].span.stop)

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(shot for part in self.parts for shot in part.shots)

    @property
    def out(self) -> Path:
        return self.parts[0].out

    @property
    def format(self) -> str:
        return self.parts[0].format

    @property
    def audio(self) -> bool:
        return self.parts[0].audio

    @property
    def run_dir(self) -> Place:
        return self.parts[0].run_dir

    @property
    def foreground(self) -> Output | None:
        return self.parts[0].foreground

    def check_film(self, overwrite: bool) -> None:
        """As `Plan.check_film`, for the whole film."""
        check_film_of(self, overwrite)
        if self.foreground is not None:
            check_film_of(self, overwrite, self.foreground.path, self.foreground.format)
