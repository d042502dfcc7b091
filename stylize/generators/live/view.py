"""The live view: the newest picture is drawn and shown, again and again."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from stylize.diffusion.sizes import scale_down, working_size
from stylize.footage.camera import Camera, Captured
from stylize.footage.clip import Pixels
from stylize.generators.live.newest import Newest
from stylize.generators.live.outputs import LiveOutput

RECENT = 90
"""Pictures over which rate and latency are measured."""
REPORT_EVERY_S = 1.0


class Drawer(Protocol):
    """Draws one picture, (H, W, 3) float32 RGB in [0, 1]."""

    def draw(self, picture: Pixels) -> Pixels: ...


class Backdrop(Protocol):
    """Puts something else behind the person: see `stylize.generators.live.background`."""

    def put_behind(self, plate: Pixels, drawing: Pixels) -> Pixels: ...


@dataclass(frozen=True)
class LiveState:
    """How a live view goes.

    `shown` and `dropped` count pictures since the beginning; `rate` is pictures a second and `latency_s` the
    mean time from picture to drawing of the last ones, `worst_s` their longest.
    """

    shown: int
    dropped: int
    rate: float
    latency_s: float
    worst_s: float
    size: tuple[int, int]


@dataclass
class Meter:
    """Measures rate and latency over the last pictures."""

    shown: int = 0
    _times: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=RECENT))

    def add(self, captured: float, shown: float) -> None:
        self.shown += 1
        self._times.append((captured, shown))

    def state(self, dropped: int, size: tuple[int, int]) -> LiveState:
        late = [shown - captured for captured, shown in self._times] or [0.0]
        spent = self._times[-1][1] - self._times[0][1] if len(self._times) > 1 else 0.0
        rate = (len(self._times) - 1) / spent if spent > 0 else 0.0
        return LiveState(self.shown, dropped, rate, float(np.mean(late)), max(late), size)


def run_live(
    camera: Camera,
    drawer: Drawer,
    output: LiveOutput,
    short_side: int,
    *,
    backdrop: Backdrop | None = None,
    report: Callable[[LiveState], None] = lambda state: None,
    stop: Callable[[LiveState], bool] = lambda state: False,
) -> LiveState:
    """Draws a camera's pictures until it ends, the window is closed, `stop` answers True, or Ctrl-C.

    The camera is read in a thread of its own. A picture that arrives while another is drawn waits; if a newer
    one comes, it is dropped. So a slow machine shows fewer pictures, but none of them late.

    Args:
        short_side: at which pictures are drawn, px; smaller ones keep their size.
        report: called once a second.

    Returns:
        The state at the end.

    Raises:
        FootageError: the camera is gone. OutputError: the drawings cannot be written.
    """
    meter, said = Meter(), time.monotonic()
    state = meter.state(0, (0, 0))
    with contextlib.suppress(KeyboardInterrupt), Newest(camera.pictures()) as pictures:
        while not stop(state):
            captured = pictures.take()
            if captured is None:
                break
            drawing = _draw(captured, drawer, short_side, backdrop)
            if not output.show(drawing, captured.at):
                break
            now = time.monotonic()
            meter.add(captured.at, now)
            state = meter.state(pictures.dropped, (drawing.shape[1], drawing.shape[0]))
            if now - said >= REPORT_EVERY_S:
                report(state)
                said = now
    return state


def _draw(captured: Captured, drawer: Drawer, short_side: int, backdrop: Backdrop | None) -> Pixels:
    height, width = captured.levels.shape[:2]
    plate = np.multiply(captured.levels, np.float32(1 / 255), dtype=np.float32)
    plate = scale_down(plate, working_size(width, height, short_side))
    drawing = drawer.draw(plate)
    return drawing if backdrop is None else backdrop.put_behind(plate, drawing)
