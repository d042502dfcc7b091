"""The pass that draws with a video model: frames of a shot together, in windows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from stylize.diffusion.pipelines.windows import Windows
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import ShotGenerator
from stylize.passes.base import Inputs, Pictures
from stylize.passes.style import StylePass, drawing_settings

KEPT = 3
"""Windows that are kept for the frames that come next: no frame lies in more."""


@dataclass
class ShotStylePass(StylePass):
    """Draws windows of a shot with the config's video model, and cross-fades them where they overlap.

    A frame depends on the plates of the windows in which it lies; the windows are fixed by the shot. So any chunk
    of frames comes out the same, and costs least where it begins at a window.
    """

    _drawn: OrderedDict[tuple[int, int, int], list[Pixels]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )

    @property
    def lookaround(self) -> tuple[int, int]:  # type: ignore[override]
        return (self._length - 1, self._length - 1)

    @property
    def batch_alignment(self) -> int:  # type: ignore[override]
        return self._length - self._overlap

    @property
    def depends_on_frame_set(self) -> bool:  # type: ignore[override]
        return True

    @property
    def window_frames(self) -> int:  # type: ignore[override]
        return (KEPT + 1) * self._length

    @property
    def in_previews(self) -> bool:
        return True

    @property
    def _length(self) -> int:
        return self.config.window or 1

    @property
    def _overlap(self) -> int:
        return self.config.overlap or 0

    def settings(self) -> object:
        return [drawing_settings(self.config), self.revision, self.size, "windows"]

    def close(self) -> None:
        self._drawn.clear()
        super().close()

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        """The plates of every window in which a wanted frame lies."""
        windows = self._windows(shot)
        starts = windows.covering(wanted)
        near = range(starts[0], windows.span(starts[-1]).stop)
        return {name: [shot[place] for place in near] for name in self.needs}

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        windows = self._windows(shot)
        for position in wanted:
            parts = [
                share * self._window(shot, windows, start, inputs)[position - start]
                for start, share in windows.weights(position).items()
            ]
            yield shot[position], (np.clip(sum(parts[1:], parts[0]), 0, 1, dtype=np.float32),)

    def _windows(self, shot: Sequence[int]) -> Windows:
        return Windows(len(shot), self._length, self._overlap)

    def _window(self, shot: Sequence[int], windows: Windows, start: int, inputs: Inputs) -> list[Pixels]:
        key = (shot[0], shot[-1], start)
        if key not in self._drawn:
            while len(self._drawn) >= KEPT:
                self._drawn.popitem(last=False)
            self._drawn[key] = self._draw_window(shot, windows.span(start), inputs)
        return self._drawn[key]

    def _draw_window(self, shot: Sequence[int], span: range, inputs: Inputs) -> list[Pixels]:
        from stylize.generators.load import load_generator

        generator = self.generator.get(lambda: load_generator(self.config))
        assert isinstance(generator, ShotGenerator)
        numbers = shot[span.start : span.stop]
        plates = list(inputs.frames(self.plate, numbers, self.size))
        return generator.draw_window(plates, numbers, Shot(shot[0], shot[-1] + 1))
