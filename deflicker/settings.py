"""What the user of the filter can choose."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST_GUIDE = 64
"""Rows of the pictures in which motion is sought, at least: the search's pyramid needs them."""


@dataclass(frozen=True)
class SteadySettings:
    """How to steady.

    Raises:
        ValueError: an offset below 1, or a strength, detail or height out of range.
    """

    offsets: tuple[int, ...] = (1, 2, 3, 4)
    """Distances in frames, to both sides, of the neighbours that redraw a frame."""
    colour_offsets: tuple[int, ...] = (1, 2, 3, 4)
    """The same for the slow part of the colour, before anything else."""
    far_offsets: tuple[int, ...] = (4, 8, 12, 16, 20, 24)
    """The second pass's neighbours, against drift; () leaves the second pass out, for half the lookaround."""
    alignment: float = 3.0
    """How far lines may be moved to where the neighbours have them, in px at a height of 288; 0 is off."""
    strength: float = 1.0
    """How far from the drawing as given (0) to the steadied one (1)."""
    detail: float = 0.25
    """How much of the crispness lost to give back, in [0, 1]."""
    colour_width: float = 12.0
    """Deviation of step A's Gaussian, in px at a height of 288: finer colour is left to the fusion."""
    guide_height: int = 384
    """Everything but the finest detail is computed on frames reduced to at most this height, in px."""

    def __post_init__(self) -> None:
        for name in ("offsets", "colour_offsets", "far_offsets"):
            values = getattr(self, name)
            if (not values and name != "far_offsets") or any(not isinstance(k, int) or k < 1 for k in values):
                raise ValueError(
                    f"{name} must be frame distances of 1 or more, such as (1, 2, 4); not {values}."
                )
        for name in ("strength", "detail"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie in [0, 1], not {getattr(self, name)}.")
        if not 0 <= self.alignment <= 20:
            raise ValueError(f"alignment must lie in [0, 20] px, not {self.alignment}.")
        if self.colour_width <= 0:
            raise ValueError(f"colour_width must be above 0 px, not {self.colour_width}.")
        if self.guide_height < SMALLEST_GUIDE:
            raise ValueError(f"guide_height must be at least {SMALLEST_GUIDE} px, not {self.guide_height}.")

    @property
    def settling(self) -> int:
        """The second pass ends with neighbours up to this distance: the far ones alone leave a shimmer."""
        return 1 if self.far_offsets else 0

    @property
    def lookaround(self) -> int:
        """A frame depends on so many frames to either side of it, inside its shot."""
        return (
            max(self.colour_offsets)
            + 2 * max(self.offsets)
            + max(self.far_offsets, default=0)
            + self.settling
        )
