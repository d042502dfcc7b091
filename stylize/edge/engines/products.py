"""Whether OpenVINO computes 8-bit products exactly on this processor, and what follows from that."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

CHANNELS = 32
LEVEL, WEIGHT = 255, 127
"""The largest 8-bit activation and weight: the sum of two products is more than 16 bits hold."""
KERNEL = (3, 3)


def are_quick(engine: str) -> bool:
    """Whether a small network of 8-bit convolutions is drawn quicker than the same one in float.

    Where OpenVINO takes rounded values in float instead, the rounding only adds to the work: a tenth of a live
    model's time.
    """
    return engine != "openvino" or are_exact()


@cache
def are_exact() -> bool:
    """Whether sums of 8-bit products are what they should be; it is computed once, in a tenth of a second.

    Processors with instructions for them (VNNI, AMX, dot products of ARM) add into 32 bits. With AVX2 alone two
    products are added in 16 bits first, and what is too large for these is cut off: a network's frames were 44 dB
    from float, and the prompt had fourteen times its effect.
    """
    import openvino
    from openvino import opset13

    shape = [1, CHANNELS, *KERNEL]
    picture = opset13.parameter(shape, np.float32)
    low, high = np.float32(0), np.float32(LEVEL)
    rounded = opset13.fake_quantize(picture, low, high, low, high, LEVEL + 1)
    levels = opset13.constant(np.full((1, CHANNELS, *KERNEL), WEIGHT, np.int8))
    scale = opset13.constant(np.ones((1, 1, 1, 1), np.float32))
    weights = opset13.multiply(opset13.convert(levels, np.float32), scale)
    product = opset13.convolution(rounded, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    compiled: Any = openvino.Core().compile_model(openvino.Model([product], [picture]), "CPU")
    found = compiled(np.full(shape, LEVEL, np.float32))[0]
    return bool(np.all(found == LEVEL * WEIGHT * CHANNELS * KERNEL[0] * KERNEL[1]))
