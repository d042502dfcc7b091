"""Steadies a film that was stylized frame by frame: arrays in, arrays out.

    from deflicker import Steady, steady
    for frame in steady(stylized, source, shots=[(0, 48), (48, 120)]):
        ...

`steady` streams a film, `steady_frame` computes one frame alone with the same result, and `deflicker.metrics`
measures what flicker is left and what sharpness was lost.
"""

from deflicker.carry import glide
from deflicker.flow import DIS, Flow
from deflicker.settings import Steady
from deflicker.steady import steady, steady_frame

__all__ = ["DIS", "Flow", "Steady", "glide", "steady", "steady_frame"]
