"""What passes read where a single frame is drawn, for a preview."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from stylize.footage.clip import Pixels


class OneFrame:
    """Inputs that hold a single frame: the plate, and what the passes made of it."""

    def __init__(self, plate: Pixels) -> None:
        self.source = plate
        self.latest = plate
        self._made: dict[str, dict[int, Pixels]] = {}

    def keep(self, name: str, number: int, pixels: Pixels) -> None:
        """Takes up what a pass made; a pass that was left out is stood in for by the one before it."""
        self._made.setdefault(name, {})[number] = pixels
        self.latest = pixels

    def plates(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return self.frames("subject", numbers) if "subject" in self._made else self.sources(numbers)

    def sources(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return itertools.repeat(self.source, len(numbers))

    def frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        made = self._made.get(name, {})
        only = next(iter(made.values()), self.latest)
        return iter([made.get(number, only) for number in numbers])
