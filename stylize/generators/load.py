"""Whoever draws: the torch pipeline or the edge runtime, as the look says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stylize.config.resolved import Look
from stylize.footage.clip import Pixels, Shot


class Painter(Protocol):
    """A loaded model that draws plates in one look."""

    @property
    def look(self) -> Look: ...

    def with_look(self, look: Look) -> Painter:
        """The same model under another look that loads nothing else: another seed, say."""

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws a batch of frames of one shot; see `stylize.diffusion.generator.Painter.draw`."""


def load_painter(look: Look) -> Painter:
    """Loads what the look's runtime draws with.

    Raises:
        ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
    """
    if look.runtime == "edge":
        from stylize.edge.generator import EdgePainter

        return EdgePainter.load(look)
    from stylize.diffusion.generator import Painter as TorchPainter

    return TorchPainter.load(look)
