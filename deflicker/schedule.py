"""How far ahead of the frame that is finished each step of a window runs."""

from __future__ import annotations

from dataclasses import dataclass

from deflicker.settings import SteadySettings


@dataclass(frozen=True)
class Schedule:
    """Counts frames from the one that is finished, which is 0.

    To finish it, `fuse_far` must have run up to the frame `fuse_far`, because its next neighbours are read; for
    these, `fuse_near` must have run as far again as the far neighbours lie, and so on up to the colour.
    """

    near: int
    """The farthest near neighbour."""
    far: int
    """The farthest far neighbour; 0 without a second pass."""
    colour_reach: int
    """The farthest neighbour of step A."""
    fuse_far: int
    """How far ahead the second pass runs."""

    @classmethod
    def of(cls, settings: SteadySettings) -> Schedule:
        return cls(
            max(settings.offsets),
            max(settings.far_offsets, default=0),
            max(settings.colour_offsets),
            settings.settling,
        )

    @property
    def fuse_near(self) -> int:
        """How far ahead the near fusion runs."""
        return self.fuse_far + self.far

    @property
    def align(self) -> int:
        """How far ahead step C runs."""
        return self.fuse_near + self.near

    @property
    def colour(self) -> int:
        """How far ahead step A runs."""
        return self.align + self.near

    @property
    def small(self) -> int:
        """The oldest frame whose small drawing and guide step A still reads."""
        return self.colour - self.colour_reach
