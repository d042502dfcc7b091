"""Transfer and premultiplication: exact both ways, beyond [0, 1] too."""

from __future__ import annotations

import numpy as np
import pytest

from compositing import colour

VALUES = np.linspace(-0.5, 2.0, 1001, dtype=np.float32)


@pytest.mark.parametrize(("coded", "light"), [(0.0, 0.0), (0.04045, 0.0031308), (0.5, 0.2140411), (1.0, 1.0)])
def test_the_curve_is_the_standards(coded: float, light: float) -> None:
    assert colour.linear_from_srgb(np.array([coded], np.float32)) == pytest.approx(light, abs=2e-6)
    assert colour.srgb_from_linear(np.array([light], np.float32)) == pytest.approx(coded, abs=2e-5)


def test_there_and_back() -> None:
    there = colour.linear_from_srgb(VALUES)
    assert np.all(np.diff(there) > 0)
    np.testing.assert_allclose(colour.srgb_from_linear(there), VALUES, atol=1e-5)


def test_premultiplied_and_straight() -> None:
    rng = np.random.default_rng(1)
    straight = rng.random((5, 7, 3), np.float32) * 3
    alpha = rng.random((5, 7), np.float32)
    alpha[0] = 0
    premult = colour.premultiply(straight, alpha)
    back = colour.unpremultiply(premult, alpha)
    np.testing.assert_allclose(back[1:], straight[1:], rtol=1e-4)
    assert not back[0].any()
    backdrop = rng.random((5, 7, 3), np.float32)
    expected = straight * alpha[..., None] + backdrop * (1 - alpha[..., None])
    np.testing.assert_allclose(colour.over(premult, alpha, backdrop), expected, rtol=1e-5)
