"""The finish of one frame, in the order that matters: flats before lines, both before enlarging."""

from __future__ import annotations

from stylize.finish.enlarge import enlarge
from stylize.finish.ink_and_paint import deepen_lines, flatten, saturate
from stylize.footage.clip import Pixels
from stylize.style import Finish


def finish_frame(drawn: Pixels, plate: Pixels, finish: Finish) -> Pixels:
    """The finished frame at the plate's size.

    Args:
        drawn: (h, w, 3) float32 RGB in [0, 1], at the working size.
        plate: (H, W, 3) float32 RGB in [0, 1], the frame of the source.
        finish: what the style asks for.
    """
    even = flatten(drawn, finish.flats)
    inked = deepen_lines(even, finish.lines)
    return enlarge(saturate(inked, finish.saturation), plate, finish.detail)
