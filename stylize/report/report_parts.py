"""Everything that a film's report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stylize.jobs.job import RenderJob
from stylize.jobs.repairs import RepairList
from stylize.report.flicker import FlickerCurve
from stylize.report.page.viewer import StackedFilm
from stylize.report.pass_times import PassTime

MOST_FRAMES = 1440
"""How many frames the page plays; of a longer film it plays the beginning."""
MOST_REPAIRS = 24
"""How many unstable drawings it shows."""


@dataclass(frozen=True)
class Thumb:
    """One frame on the contact sheet: a JPEG of the source above the film."""

    number: int
    jpeg: bytes


@dataclass(frozen=True)
class RepairPictures:
    """An unstable drawing: its row in the list of repairs; JPEGs of the source, the drawing, what it became."""

    row: Mapping[str, object]
    jpegs: dict[str, bytes]


@dataclass(frozen=True)
class ReportParts:
    """Everything that a page shows."""

    job: RenderJob
    command: str
    seconds: float
    times: Mapping[str, PassTime]
    film: StackedFilm
    thumbs: tuple[Thumb, ...]
    curve: FlickerCurve | None
    repairs: RepairList | None
    repaired: tuple[RepairPictures, ...]
