"""One model on several devices of a machine: each draws batches of its own, and no batch is divided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import FrameGenerator

Work = Callable[[FrameGenerator], list[Pixels]]


@dataclass(frozen=True)
class SeveralGenerators:
    """The same model, loaded once for each device. Devices of a kind draw alike, so that it does not matter which
    one a batch meets: the film is that of one device."""

    config: ResolvedConfig
    parts: tuple[FrameGenerator, ...]

    @classmethod
    def load(
        cls, config: ResolvedConfig, load: Callable[[ResolvedConfig], FrameGenerator]
    ) -> SeveralGenerators:
        """Loads the model on `config.device` and on each of `config.more_devices`, one after another."""
        devices = (config.device, *config.more_devices)
        alone = (config.model_copy(update={"device": device, "more_devices": ()}) for device in devices)
        return cls(config, tuple(load(each) for each in alone))

    def with_config(self, config: ResolvedConfig) -> SeveralGenerators:
        """The same models with another config that needs no other weights."""
        parts = tuple(
            part.with_config(config.model_copy(update={"device": part.config.device, "more_devices": ()}))
            for part in self.parts
        )
        return SeveralGenerators(config, parts)

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws one batch, on the first device."""
        return self.parts[0].draw(plates, indices, shot)


def draw_side_by_side(generator: FrameGenerator, works: Sequence[Work]) -> list[list[Pixels]]:
    """The pictures of several batches, in order: each is drawn on a device of its own, at the same time.

    Args:
        works: one for each of the devices at most.
    """
    if not isinstance(generator, SeveralGenerators):
        return [work(generator) for work in works]
    with ThreadPoolExecutor(len(generator.parts), "drawing") as pool:
        return list(pool.map(lambda pair: pair[0](pair[1]), zip(works, generator.parts, strict=False)))


def device_count(generator: FrameGenerator) -> int:
    return len(generator.parts) if isinstance(generator, SeveralGenerators) else 1
