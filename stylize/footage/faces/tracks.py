"""Where each face is in every frame of its shot: what a job keeps of the faces that it draws again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

LARGEST_TILE = 2048
FADE_FRAMES = 4
"""A face that appears or goes within a shot comes and goes over so many frames."""


class Square(NamedTuple):
    """A square part of a frame, px; it may reach beyond the frame."""

    left: int
    top: int
    side: int


@dataclass(frozen=True)
class FaceTrack:
    """A face followed through neighbouring frames of one shot.

    Attributes:
        start: its first frame.
        squares: the part of the clip's picture around the face, for each frame from `start` on.
        slot: which of the faces of a frame it is; no two faces of a frame have the same.
        fades_in: it appears in the middle of its shot; the shot's first frame would show it at once.
        fades_out: it goes in the middle of its shot.

    Raises:
        ValueError: an empty track, or a square without pixels.
    """

    start: int
    squares: tuple[Square, ...]
    slot: int = 0
    fades_in: bool = False
    fades_out: bool = False

    def __post_init__(self) -> None:
        if not self.squares or self.start < 0 or self.slot < 0:
            raise ValueError("a track has frames, and numbers from 0")
        if any(not 1 <= square[2] <= 1 << 16 for square in self.squares):
            raise ValueError("the square around a face has pixels")

    @property
    def end(self) -> int:
        """The frame after its last one."""
        return self.start + len(self.squares)

    def __contains__(self, number: int) -> bool:
        return self.start <= number < self.end

    def square_at(self, number: int) -> Square:
        return Square(*self.squares[number - self.start])

    def weight_at(self, number: int) -> float:
        """How much of the face is shown in a frame, 0 to 1."""
        before = (number - self.start + 1) / (FADE_FRAMES + 1) if self.fades_in else 1.0
        after = (self.end - number) / (FADE_FRAMES + 1) if self.fades_out else 1.0
        return min(1.0, before, after)


@dataclass(frozen=True)
class FaceSheet:
    """The faces of some shots that are drawn again, and the size at which they are.

    Attributes:
        tracks: the faces.
        tile: the side of the square in which each is drawn, px.
        margin: how many times as long as the face its square is.

    Raises:
        ValueError: no tracks, or a size that no picture has.
    """

    tracks: tuple[FaceTrack, ...]
    tile: int
    margin: float

    def __post_init__(self) -> None:
        if not self.tracks or not 1 <= self.tile <= LARGEST_TILE or not 1 <= self.margin <= 8:
            raise ValueError("a sheet of faces has faces, a size and a margin")

    @property
    def slots(self) -> int:
        """The most faces that a frame shows."""
        return 1 + max(track.slot for track in self.tracks)

    def at(self, number: int) -> list[FaceTrack]:
        """The faces of a frame."""
        return [track for track in self.tracks if number in track]

    def frames_among(self, numbers: Sequence[int]) -> list[int]:
        """Those frames that show a face."""
        shown = {number for track in self.tracks for number in range(track.start, track.end)}
        return [number for number in numbers if number in shown]
