"""Whoever draws: the torch pipeline or the edge runtime, as the look says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot


class FrameGenerator(Protocol):
    """A loaded model that draws plates in one look."""

    @property
    def config(self) -> ResolvedConfig: ...

    def with_config(self, config: ResolvedConfig) -> FrameGenerator:
        """The same model under another look that loads nothing else: another seed, say."""

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws a batch of frames of one shot; see `stylize.diffusion.generator.Painter.draw`."""
