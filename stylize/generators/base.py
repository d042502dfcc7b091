"""What a generator is: a loaded model that draws frames, in torch or from an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot


class FrameGenerator(Protocol):
    """A loaded model that draws plates as one config says. Several threads may ask it for drawings."""

    @property
    def config(self) -> ResolvedConfig: ...

    def with_config(self, config: ResolvedConfig) -> FrameGenerator:
        """The same model with another config that needs no other weights: another seed, say."""

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws a batch of frames of one shot; see `stylize.diffusion.generator.DiffusionGenerator.draw`."""
