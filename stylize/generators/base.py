"""What a generator is: a loaded model that draws frames, in torch or from an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class ParallelGenerator(FrameGenerator, Protocol):
    """A generator that draws several frames at the same time, each as it would draw it alone."""

    @property
    def at_once(self) -> int:
        """How many it had best be given together."""


@runtime_checkable
class SizedGenerator(FrameGenerator, Protocol):
    """A generator whose networks are loaded for each size of picture."""

    def load_sizes(self, sizes: Sequence[tuple[int, int]]) -> None:
        """Loads what draws single frames of these sizes, (width, height) px, all at the same time."""


@runtime_checkable
class ShotGenerator(FrameGenerator, Protocol):
    """A generator that draws neighbouring frames of a shot together: a video model."""

    def draw_window(
        self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot, keys: Sequence[Pixels] = ()
    ) -> list[Pixels]:
        """Draws a window; see `stylize.diffusion.pipelines.generator.PipelineGenerator.draw_window`."""


@runtime_checkable
class AttendingGenerator(FrameGenerator, Protocol):
    """A generator whose frames can look at the drawing of the shot's first frame."""

    def draw_beside(
        self, first: Pixels, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot
    ) -> list[Pixels]:
        """Draws a batch; see `stylize.diffusion.generator.DiffusionGenerator.draw_beside`."""
