"""What was found in single pictures, joined into faces that are followed through a shot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from stylize.footage.faces.found import FoundFace
from stylize.footage.faces.tracks import Square

FARTHEST = 0.7
"""How far a face may lie from where it is expected, in its own sides."""
RESIZED = 1.6
"""How many times larger or smaller it may be than when it was last seen."""
CALM_PX, CALM_SHARE = 0.75, 0.01
"""A square stays where it is while the face has moved less than this, px and sides: detectors tremble."""

Path = NDArray[np.float64]
"""(frames, 3): centre x, centre y and side, px."""


@dataclass
class Sightings:
    """A face in the frames in which it was seen."""

    frames: list[int] = field(default_factory=list)
    faces: list[FoundFace] = field(default_factory=list)

    @property
    def score(self) -> float:
        """How sure the detector is: the mean of the surer half, for a face may turn away meanwhile."""
        scores = sorted((face.score for face in self.faces), reverse=True)
        return float(np.mean(scores[: -(-len(scores) // 2)]))

    @property
    def width(self) -> float:
        """The face's median width, px."""
        return median(face.width for face in self.faces)

    def add(self, frame: int, face: FoundFace) -> None:
        self.frames.append(frame)
        self.faces.append(face)

    def expected_at(self, frame: int) -> tuple[float, float]:
        """Where its centre is expected, going on as it went last."""
        x, y = self.faces[-1].centre
        if len(self.faces) < 2:
            return x, y
        before, gap = self.faces[-2].centre, self.frames[-1] - self.frames[-2]
        step = (frame - self.frames[-1]) / gap
        return x + (x - before[0]) * step, y + (y - before[1]) * step


def link(found: Iterable[tuple[int, Sequence[FoundFace]]], longest_gap: int) -> list[Sightings]:
    """Follows faces from picture to picture; each find belongs to the face that is expected nearest to it.

    Args:
        found: the faces of some frames of a shot, with the frames' numbers, ascending.
        longest_gap: a face that was not seen for more frames is another one when it comes back.
    """
    done: list[Sightings] = []
    followed: list[Sightings] = []
    for frame, faces in found:
        done += [each for each in followed if frame - each.frames[-1] > longest_gap]
        followed = [each for each in followed if frame - each.frames[-1] <= longest_gap]
        pairs = sorted(
            (distance, who, which)
            for who, each in enumerate(followed)
            for which, face in enumerate(faces)
            if (distance := _distance(each, frame, face)) is not None
        )
        taken: set[int] = set()
        busy: set[int] = set()
        for _, who, which in pairs:
            if who not in busy and which not in taken:
                followed[who].add(frame, faces[which])
                busy.add(who)
                taken.add(which)
        followed += [Sightings([frame], [face]) for n, face in enumerate(faces) if n not in taken]
    return done + followed


def _distance(seen: Sightings, frame: int, face: FoundFace) -> float | None:
    """How far a find lies from where a face is expected, in sides; None where it cannot be that face."""
    last = seen.faces[-1]
    if not 1 / RESIZED <= face.side / last.side <= RESIZED:
        return None
    x, y = seen.expected_at(frame)
    distance = float(np.hypot(face.centre[0] - x, face.centre[1] - y)) / max(last.side, face.side)
    return distance if distance <= FARTHEST else None


def squares_of(seen: Sightings, margin: float, calm_frames: float) -> tuple[Square, ...]:
    """The square around a face in every frame from its first sighting to its last: smooth, and still where it is.

    Args:
        margin: the square's side, in sides of the face.
        calm_frames: the deviation of the Gaussian that smooths the way, frames; four times that of the size.
    """
    frames = np.arange(seen.frames[0], seen.frames[-1] + 1)
    known = np.array([[*face.centre, face.side] for face in seen.faces])
    path = np.stack([np.interp(frames, seen.frames, known[:, part]) for part in range(3)], axis=1)
    path[:, :2] = _smooth(path[:, :2], calm_frames)
    path[:, 2:] = _smooth(path[:, 2:], 4 * calm_frames)
    return tuple(_whole(path, margin))


def _smooth(path: Path, deviation: float) -> Path:
    """Along time; beyond its ends a path goes on as it came."""
    reach = min(len(path) - 1, round(3 * deviation))
    if reach < 1:
        return path
    at = np.arange(-reach, reach + 1)
    kernel = np.exp(-(at**2) / (2 * deviation**2))
    longer = np.pad(path, [(reach, reach), (0, 0)], mode="reflect", reflect_type="odd")
    columns = [np.convolve(column, kernel / kernel.sum(), mode="valid") for column in longer.T]
    return np.stack(columns, axis=1)


def _whole(path: Path, margin: float) -> Iterable[Square]:
    """In whole pixels; what moves less than a detector trembles stays."""
    kept = path[0].copy()
    for wanted in path:
        calm = max(CALM_PX, CALM_SHARE * wanted[2])
        kept = np.where(np.abs(wanted - kept) < calm, kept, wanted)
        side = max(1, round(margin * kept[2]))
        yield Square(round(kept[0] - side / 2), round(kept[1] - side / 2), side)
