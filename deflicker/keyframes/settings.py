"""What can be chosen of how keys are carried."""

from __future__ import annotations

from dataclasses import dataclass

from deflicker.settings import SMALLEST_GUIDE


@dataclass(frozen=True)
class CarrySettings:
    """How keys are carried.

    Raises:
        ValueError: a number out of range.
    """

    guide_height: int = 384
    """Motion is sought on photographs reduced to at most this height, in px."""
    keys_each_side: int = 2
    """So many keys before a frame and after it are asked: the farther ones for what the nearest do not show."""

    def __post_init__(self) -> None:
        if self.guide_height < SMALLEST_GUIDE:
            raise ValueError(f"guide_height must be at least {SMALLEST_GUIDE} px, not {self.guide_height}.")
        if self.keys_each_side < 1:
            raise ValueError(f"keys_each_side must be at least 1, not {self.keys_each_side}.")
