"""Rewrites OpenVINO graphs of fixed shapes so that they run faster on processors, with the same results."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LANES = 16
"""Reductions take so many channels at once, and the remaining ones one by one."""
PICTURE_AXES = 4
"""An array with so many axes is a picture, (N, C, H, W)."""
CLAMP = 9.0
"""Beyond it the logistic function is taken to be 0 or 1."""
INNER = (2.1095639e-1, -3.4428749e-3, 3.6364768e-5, -1.5223789e-7)
OUTER = (1.1747796, -1.5903754, 1.6698379, -0.8246227)
"""Coefficients of two odd polynomials, lowest first: OUTER(INNER(x)) is the logistic function less a half, for
|x| up to `CLAMP`. Fitted for the least largest error of SiLU. There are few, because each takes a register."""
ERROR = 8.4e-4
"""The largest error of SiLU that is computed with them."""
MIN_STEP_RATIO = 8
"""SiLU is only approximated where its output is rounded to steps of more than so many times `ERROR`."""


def rewrite(network: Any) -> None:
    """Rewrites a network of fixed shapes in place."""
    for node in network.get_ordered_ops():
        kind = node.get_type_name()
        if kind in ("ReduceMean", "ReduceL2"):
            _fold_pixels(node)
        elif kind == "FakeQuantize":
            _approximate_silu(node)


def _fold_pixels(reduction: Any) -> None:
    """Makes a reduction over all pixels of (N, C, H, W) treat k neighbouring pixels as one of k C channels, so that
    the channels fill the lanes: 24 channels take a fifth of the time. Nothing is moved: memory is channels-last."""
    from openvino import opset13

    picture, axes = (each.get_source_output() for each in reduction.inputs())
    if len(picture.get_shape()) != PICTURE_AXES or sorted(axes.get_node().data.reshape(-1).tolist()) != [
        2,
        3,
    ]:
        return
    count, channels, height, width = picture.get_shape()
    fold = LANES // math.gcd(channels, LANES)
    if fold == 1 or width % fold:
        return
    reduce = {"ReduceMean": opset13.reduce_mean, "ReduceL2": opset13.reduce_l2}[reduction.get_type_name()]
    pixels = opset13.transpose(picture, np.array([0, 2, 3, 1]))
    folded = opset13.reshape(pixels, np.array([count, height, width // fold, fold * channels]), False)
    parts = opset13.reshape(reduce(folded, np.array([1, 2]), False), np.array([count, fold, channels]), False)
    whole = reduce(parts, np.array([1]), False)
    result = opset13.reshape(whole, np.array(reduction.output(0).get_shape()), False)
    reduction.output(0).replace(result.output(0))


def _approximate_silu(rounding: Any) -> None:
    """Computes x logistic(x) with polynomials where its output is only rounded to 8 bits, whose error is far
    larger.

    The exponential and the division take longer than reading and writing the picture.
    """
    from openvino import opset13

    product = rounding.input_value(0).get_node()
    gate = _gate_of(product)
    if gate is None or not _is_coarse(rounding) or len(product.output(0).get_target_inputs()) > 1:
        return
    x = gate.input_value(0)

    def number(value: float) -> Any:
        return opset13.constant(np.float32(value))

    def odd(coefficients: tuple[float, ...], z: Any) -> Any:
        square = opset13.multiply(z, z)
        total = number(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            total = opset13.add(opset13.multiply(total, square), number(coefficient))
        return opset13.multiply(total, z)

    inner = odd(INNER, opset13.clamp(x, -CLAMP, CLAMP))
    logistic = opset13.add(odd(OUTER, inner), number(0.5))
    rounding.input(0).replace_source_output(opset13.multiply(x, logistic).output(0))


def _gate_of(product: Any) -> Any | None:
    """The logistic node of a product that is x logistic(x); None for other products."""
    if product.get_type_name() != "Multiply":
        return None
    for one, other in ((0, 1), (1, 0)):
        gate = product.input_value(one).get_node()
        if gate.get_type_name() == "Sigmoid" and gate.input_value(0) == product.input_value(other):
            return gate
    return None


def _is_coarse(rounding: Any) -> bool:
    """Whether the steps of a rounding are much larger than the polynomials' error."""
    low, high = (rounding.input_value(place).get_node() for place in (1, 2))
    if low.get_type_name() != "Constant" or high.get_type_name() != "Constant":
        return False
    steps = (high.data - low.data) / (rounding.get_attributes()["levels"] - 1)
    return bool(np.min(steps) > MIN_STEP_RATIO * ERROR)
