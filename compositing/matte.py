"""What a keyed frame is, and what every source of mattes gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from compositing.colour import Image, Plane, linear_from_srgb
from compositing.errors import SizeMismatch, sizes


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

    @property
    def cover(self) -> Plane:
        """Alpha with the shadow in it: black over the backdrop, (height, width). `premult` is the same for both."""
        return self.alpha if self.shadow is None else 1 - (1 - self.alpha) * self.shadow


class MatteSource(Protocol):
    """Mattes of a shot: from its screen, from a network, or given."""

    def key(self, frames: Iterable[Image], first: int = 0) -> Iterator[Keyed]:
        """One `Keyed` for each frame, in order.

        Args:
            frames: a shot's frames, or a part of them, display-referred RGB, (height, width, 3) in [0, 1].
            first: the place of the first of them in the shot.
        """
        ...


def cut_out(coded: Image, alpha: Plane) -> Keyed:
    """A frame under a matte from elsewhere: its own colours at the edges are estimated from both sides.

    Args:
        coded: display-referred RGB, (height, width, 3) in [0, 1].
        alpha: (height, width) in [0, 1].

    Raises:
        SizeMismatch: the matte is not of the frame's size.
    """
    from compositing.key.foreground import blur_fusion

    if alpha.shape != coded.shape[:2]:
        theirs, ours = sizes(alpha.shape, coded.shape)
        raise SizeMismatch(f"The matte is {theirs}, the frame {ours}.")
    edge = (alpha > 0.01) & (alpha < 0.99)
    premult = blur_fusion(linear_from_srgb(coded), alpha, max(2, coded.shape[0] // 30))
    return Keyed(np.maximum(premult, 0), alpha, edge)
