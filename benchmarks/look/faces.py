"""Whether films keep the faces of their clips: with and without small faces drawn again.

YuNet finds the faces of the source; a face is kept if it is found again at its place in the film, and its landmarks
are compared. Sizes are widths in the source. Steadiness is E_warp inside the faces' boxes.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

import stylize
from benchmarks.measure.faces import Face, Faces
from deflicker.flow import DIS
from deflicker.metrics import visible, warp_error
from stylize.footage.clip import Pixels
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.specs import DrawingSpec
from stylize.passes.base import PLATE
from stylize.storage.pictures import write_picture

FILMS = {
    "juggle_720p24": (100, 148),
    "runner_512p20": (0, 48),
    "cuts_720p30": (232, 280),
}
"""Clips with faces by name, and the frames that are drawn."""
SIZES = (24, 32, 50, 100, 10_000)
EVERY, PAIR_EVERY = 2, 4
SAME_PLACE = 0.3
"""Boxes that overlap so much are of one face."""
SHEET_ROWS, SHEET_PX = 3, 420


@dataclass
class Kept:
    """What became of faces of one size: how many there were, how many were found again, how far landmarks moved."""

    there: int = 0
    moved: list[float] = field(default_factory=list)

    @property
    def words(self) -> str:
        if not self.there:
            return "-"
        error = f"{np.mean(self.moved):.3f}" if self.moved else "-"
        return f"{len(self.moved) / self.there:.2f} of {self.there}, {error}"


@dataclass
class Tally:
    """Faces by size, and squared errors of neighbours inside their boxes."""

    kept: dict[int, Kept] = field(default_factory=lambda: defaultdict(Kept))
    restless: list[float] = field(default_factory=list)

    def row(self, who: str) -> str:
        cells = [self.kept[place].words for place in range(len(SIZES) - 1)]
        steady = f"{1e3 * float(np.mean(self.restless)):.2f}" if self.restless else "-"
        return f"| {who} | " + " | ".join(cells) + f" | {steady} |"


def on_faces(
    clips: Path, weights: Path, sheet: Path | None = None, only: Sequence[str] = (), **settings: object
) -> list[str]:
    """A table; every film is drawn once, and read as it is without its faces and with them.

    Args:
        clips: a folder.
        weights: YuNet's.
        sheet: where a picture goes with faces of the source, of the film without the pass, and with it.
        only: some of the clips; by default all.
        settings: of the runs.
    """
    sizes = [f"{low} to {high} px" for low, high in pairwise(SIZES[:-1])]
    head = [*sizes, f"above {SIZES[-2]} px", "E_warp in the boxes, x10^3"]
    rows = [
        "Faces found again, and how far their landmarks moved as a share of the face's width:",
        "",
        "| | " + " | ".join(head) + " |",
        "|-" * (len(head) + 1) + "|",
    ]
    all_of: dict[str, Tally] = defaultdict(Tally)
    shown: list[Pixels] = []
    for name in only or FILMS:
        first, last = FILMS[name]
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "film.mp4"
            job = stylize.plan(
                clips / f"{name}.mp4", out, start=f"{first}f", end=f"{last}f", audio=False, **settings
            )
            stylize.run(job, keep=True)
            tallies = _tally(job, Faces(weights), shown)
        rows += [tally.row(f"{name}, {who}") for who, tally in tallies.items()]
        for who, tally in tallies.items():
            _add(all_of[who], tally)
    rows += [tally.row(f"all, {who}") for who, tally in all_of.items()]
    if sheet is not None and shown:
        write_picture(np.concatenate(shown, axis=0), sheet)
    return rows


def _add(whole: Tally, part: Tally) -> None:
    for place, kept in part.kept.items():
        whole.kept[place].there += kept.there
        whole.kept[place].moved += kept.moved
    whole.restless += part.restless


def _tally(job: RenderJob, finder: Faces, shown: list[Pixels]) -> dict[str, Tally]:
    tallies = {"source": Tally(), "without": Tally(), "with": Tally()}
    for segment in job.segments:
        names = {"source": PLATE, "without": "finish", "with": segment.film_picture}
        assert isinstance(segment.spec, DrawingSpec)
        for shot in segment.shots:
            for number in range(shot.start, shot.end, EVERY):
                pictures = {who: _read(segment, name, number) for who, name in names.items()}
                faces = [face for face in finder.find(pictures["source"]) if face[2] >= SIZES[0]]
                for who, picture in pictures.items():
                    _count(tallies[who], faces, finder.find(picture))
                if (number - shot.start) % PAIR_EVERY == 0 and number + 1 < shot.end and faces:
                    after = {who: _read(segment, name, number + 1) for who, name in names.items()}
                    for who, error in _restless(pictures, after, faces).items():
                        tallies[who].restless += error
                if faces and (number - shot.start) % (len(shot) // SHEET_ROWS or 1) < EVERY:
                    shown.append(_beside(list(pictures.values()), faces[0]))
    return tallies


def _read(segment: Segment, name: str, number: int) -> Pixels:
    return next(segment.read(name, [number]))


def _count(tally: Tally, faces: Sequence[Face], found: Sequence[Face]) -> None:
    for face in faces:
        place = next(n for n in range(len(SIZES) - 1) if face[2] < SIZES[n + 1])
        tally.kept[place].there += 1
        same = max(found, key=lambda other: _overlap(face, other), default=None)
        if same is not None and _overlap(face, same) >= SAME_PLACE:
            distance = np.linalg.norm((same - face)[4:14].reshape(5, 2), axis=1).mean()
            tally.kept[place].moved.append(float(distance / face[2]))


def _overlap(one: Face, other: Face) -> float:
    """Of two boxes: what they share, of what they cover."""
    left, top = np.maximum(one[:2], other[:2])
    right, bottom = np.minimum(one[:2] + one[2:4], other[:2] + other[2:4])
    shared = max(0.0, float(right - left)) * max(0.0, float(bottom - top))
    return shared / float(one[2] * one[3] + other[2] * other[3] - shared)


def _restless(
    before: dict[str, Pixels], after: dict[str, Pixels], faces: Sequence[Face]
) -> dict[str, list[float]]:
    """E_warp of each film inside the faces' boxes, along the motion of the source."""
    flow = DIS(720)
    forward = flow(before["source"], after["source"])
    seen = visible(forward, flow(after["source"], before["source"]))
    boxes = np.zeros(seen.shape, bool)
    for x, y, width, height in (face[:4].astype(int) for face in faces):
        boxes[max(0, y) : y + height, max(0, x) : x + width] = True
    return {who: [warp_error(before[who], after[who], forward, seen & boxes)] for who in before}


def _beside(pictures: Sequence[Pixels], face: Face) -> Pixels:
    """The square around a face, of several pictures of one frame."""
    x, y, width, height = face[:4]
    half = max(width, height)
    top, left = (max(0, round(float(at - half))) for at in (y + height / 2, x + width / 2))
    parts = [picture[top : top + round(2 * half), left : left + round(2 * half)] for picture in pictures]
    shown = [cv2.resize(part, (SHEET_PX, SHEET_PX), interpolation=cv2.INTER_CUBIC) for part in parts]
    return np.clip(np.concatenate(shown, axis=1), 0, 1, dtype=np.float32)
