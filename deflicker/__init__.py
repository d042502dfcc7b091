"""Steadies a film that was stylized frame by frame: arrays in, arrays out.

    from deflicker import Steady, steady
    for frame in steady(stylized, source, shots=[(0, 48), (48, 120)]):
        ...

`steady` streams a film, `steady_part` makes any frames of a shot alone with the same result, to the bit, and
`deflicker.metrics` measures what flicker is left and what sharpness was lost. On a machine with a graphics
card, give them `flow=RAFT(checkpoint)` and `engine=Torch()`.
"""

from deflicker.carry import glide
from deflicker.engine import Engine, OpenCV
from deflicker.flow import DIS, Flow
from deflicker.raft import RAFT
from deflicker.settings import Steady
from deflicker.steady import steady, steady_frame, steady_part
from deflicker.torch_engine import Torch

__all__ = [
    "DIS",
    "RAFT",
    "Engine",
    "Flow",
    "OpenCV",
    "Steady",
    "Torch",
    "glide",
    "steady",
    "steady_frame",
    "steady_part",
]
