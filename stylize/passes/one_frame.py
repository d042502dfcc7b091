"""What passes read where a single frame is drawn, for a preview."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from stylize.footage.clip import Pixels
from stylize.footage.source import FootageSource
from stylize.passes.base import Pass, Pictures


class OneFrame:
    """Inputs that hold a single frame: the plate, and what the passes made of it."""

    def __init__(self, plate: Pixels, number: int, sources: Mapping[str, FootageSource]) -> None:
        self.latest = plate
        """What the last pass gave."""
        self._plate, self._number, self._sources = plate, number, sources
        self._made: dict[str, dict[int, Pixels]] = {}

    def keep(self, step: Pass, number: int, pictures: Pictures) -> None:
        """Takes up what a pass made."""
        for name, picture in zip(step.gives, pictures, strict=True):
            self._made.setdefault(name, {})[number] = picture
        self.latest = pictures[-1]

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        """The one picture there is; of a pass that was left out, what came before it; of footage, any frame."""
        from stylize.diffusion.sizes import scaled

        return scaled(self._frames(name, numbers), size)

    def _frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        if name in self._sources:
            if set(numbers) == {self._number}:
                return itertools.repeat(self._plate, len(numbers))
            return self._sources[name].read(numbers)
        made = self._made.get(name, {})
        only = next(iter(made.values()), self.latest)
        return iter([made.get(number, only) for number in numbers])
