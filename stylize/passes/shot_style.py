"""The pass that draws with a video model: frames of a shot together, in windows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from deflicker.keyframes import Key
from stylize.diffusion.pipelines.windows import Windows
from stylize.footage.clip import Pixels, Shot
from stylize.generators.base import ShotGenerator
from stylize.passes.base import Inputs, Pictures
from stylize.passes.key_source import KeySource
from stylize.passes.style import StylePass, drawing_settings

MOST_KEYS = 4
"""Keys that a window is shown at most: each costs as much as four frames."""
KEPT = 3
"""Windows that are kept for the frames that come next: no frame lies in more."""


@dataclass
class ShotStylePass(StylePass):
    """Draws windows of a shot with the config's video model, and cross-fades them where they overlap.

    A frame depends on the plates of the windows in which it lies; the windows are fixed by the shot. So any chunk
    of frames comes out the same, and costs least where it begins at a window.

    Attributes:
        keys: frames of the shot that somebody painted, or that an image model drew; a window is shown those that
            lie nearest to its middle. None: there are none.
    """

    keys: KeySource | None = field(default=None, kw_only=True)
    _drawn: OrderedDict[tuple[int, int, int], list[Pixels]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.plate, *(self.keys.needs if self.keys else ()))

    @property
    def lookaround(self) -> tuple[int, int]:  # type: ignore[override]
        if self.keys is not None and self.keys.needs:
            return (10**9, 10**9)
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
        return self.keys is None or not self.keys.needs

    @property
    def _length(self) -> int:
        return self.config.window or 1

    @property
    def _overlap(self) -> int:
        return self.config.overlap or 0

    def settings(self) -> object:
        own = [drawing_settings(self.config), self.revision, self.size, "windows"]
        return own if self.keys is None else [*own, MOST_KEYS, self.keys.settings()]

    def close(self) -> None:
        self._drawn.clear()
        super().close()

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        """The plates of every window in which a wanted frame lies."""
        windows = self._windows(shot)
        starts = windows.covering(wanted)
        near = range(starts[0], windows.span(starts[-1]).stop)
        numbers = {key for start in starts for key in self._keys_of(shot, windows.span(start))}
        wanted_keys = dict.fromkeys(self.keys.needs if self.keys else (), sorted(numbers))
        return {self.plate: [shot[place] for place in near], **wanted_keys}

    def _keys_of(self, shot: Sequence[int], span: range) -> list[int]:
        """The keys that a window is shown, ascending: those nearest to its middle."""
        if self.keys is None:
            return []
        middle = (shot[span.start] + shot[span.stop - 1]) / 2
        return sorted(sorted(self.keys.numbers(shot), key=lambda at: abs(at - middle))[:MOST_KEYS])

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
        whole = Shot(shot[0], shot[-1] + 1)
        if self.keys is None:
            return generator.draw_window(plates, numbers, whole)
        keys = self.keys.load(self._keys_of(shot, span), self.size, inputs)
        return generator.draw_window(plates, numbers, whole, [_on_white(key) for key in keys])


def _on_white(key: Key) -> Pixels:
    """A key with white where nothing is painted."""
    if key.painted is None:
        return np.asarray(key.picture, np.float32)
    shown = key.painted[..., None]
    return np.asarray(key.picture * shown + (1 - shown), np.float32)
