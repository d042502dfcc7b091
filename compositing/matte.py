"""What a keyed frame is, and what every source of mattes gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from compositing.colour import Image, Plane


@dataclass(frozen=True)
class Keyed:
    """A subject cut out.

    Attributes:
        premult: scene-linear RGB, premultiplied, (height, width, 3), at least 0.
        alpha: (height, width) in [0, 1].
        edge: boolean, (height, width): where alpha was computed and not sure.
        shadow: what is left of a backdrop's light behind it, (height, width) in [0, 1]; None if not asked for.
    """

    premult: Image
    alpha: Plane
    edge: Plane
    shadow: Plane | None = None


class MatteSource(Protocol):
    """Mattes of a shot: from its screen, from a network, or given."""

    def key(self, frames: Iterable[Image]) -> Iterator[Keyed]:
        """One `Keyed` for each frame, in order.

        Args:
            frames: a shot's frames, display-referred RGB, (height, width, 3) in [0, 1].
        """
        ...
