"""A face that a detector found in a picture."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_SCORE = 0.3
"""Weaker finds are dropped at once."""


@dataclass(frozen=True)
class FoundFace:
    """A face in a picture: its box, px, and how sure the detector is, 0 to 1."""

    x: float
    y: float
    width: float
    height: float
    score: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def side(self) -> float:
        """Its longer side, px."""
        return max(self.width, self.height)

    def scaled(self, factor: float) -> FoundFace:
        """The face in the same picture at another size."""
        return FoundFace(
            self.x * factor, self.y * factor, self.width * factor, self.height * factor, self.score
        )
