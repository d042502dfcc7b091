"""Graphs rewritten for OpenVINO's kernels answer as they did before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stylize.edge.engines.rewrite import ERROR, rewrite

openvino = pytest.importorskip("openvino")
ops = openvino.opset13


def answers(network: Any, picture: np.ndarray) -> list[np.ndarray]:
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(network, "CPU", options)
    return list(compiled([picture]).values())


def beside(build: Callable[[Any], list[Any]], picture: np.ndarray) -> tuple[Any, Any, list[str]]:
    """The answers before and after, and the kinds of operations after."""
    plain, quick = (
        openvino.Model(build(port), [port])
        for port in (ops.parameter(list(picture.shape), np.float32) for _ in range(2))
    )
    rewrite(quick)
    kinds = [node.get_type_name() for node in quick.get_ordered_ops()]
    return answers(plain, picture), answers(quick, picture), kinds


@pytest.mark.parametrize(("channels", "is_folded"), [(24, True), (72, True), (32, False)])
def test_reductions_over_pixels_fill_the_lanes(channels: int, is_folded: bool) -> None:
    picture = np.random.default_rng(0).normal(1, 2, (1, channels, 6, 8)).astype(np.float32)
    axes = np.array([2, 3])
    before, after, kinds = beside(
        lambda port: [ops.reduce_mean(port, axes, False), ops.reduce_l2(port, axes, True)], picture
    )
    assert ("Transpose" in kinds) == is_folded
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def silu(port: Any, high: float) -> list[Any]:
    ends = [ops.constant(np.float32(end)) for end in (-0.3, high) * 2]
    return [ops.fake_quantize(ops.multiply(port, ops.sigmoid(port)), *ends, 256)]


def test_silu_before_rounding_is_off_by_less_than_a_step() -> None:
    picture = np.linspace(-16, 16, 4096, dtype=np.float32).reshape(1, 1, 64, 64)
    before, after, kinds = beside(lambda port: silu(port, 16.1), picture)
    assert "Sigmoid" not in kinds
    step = 16.4 / 255
    off = np.abs(before[0] - after[0])
    assert off.max() < 1.01 * step
    assert (off > step / 2).mean() < 3 * ERROR / step  # values that lay that near to the middle of two steps
    exact = picture / (1 + np.exp(-picture))
    assert np.abs(after[0] - exact).max() < step / 2 + ERROR + 1e-4


def test_silu_stays_exact_where_rounding_is_fine_or_absent() -> None:
    picture = np.linspace(-4, 4, 256, dtype=np.float32).reshape(1, 1, 16, 16)
    assert "Sigmoid" in beside(lambda port: silu(port, 0.3), picture)[2]
    assert "Sigmoid" in beside(lambda port: [ops.multiply(port, ops.sigmoid(port))], picture)[2]
