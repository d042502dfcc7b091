"""Drawings moved along the photographed motion."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.steady.film import Film
from deflicker import glide, metrics


def test_a_glide_is_nearer_the_truth_than_a_hold(film: Film) -> None:
    t = 5
    moved = glide(
        film.source[t], [(film.clean[t - 1], film.source[t - 1]), (film.clean[t + 1], film.source[t + 1])]
    )
    assert metrics.psnr(moved, film.clean[t]) > metrics.psnr(film.clean[t - 1], film.clean[t]) + 5
    assert metrics.sharpness(moved, film.clean[t]) > 0.9


def test_what_the_first_drawing_hid_comes_from_the_second(film: Film) -> None:
    t = 5
    one = glide(film.source[t], [(film.clean[t - 2], film.source[t - 2])])
    two = glide(
        film.source[t], [(film.clean[t - 2], film.source[t - 2]), (film.clean[t + 1], film.source[t + 1])]
    )
    hidden = ~film.exact_flow(t, t - 2)[1] & film.exact_flow(t, t + 1)[1]
    assert hidden.sum() > 50
    error = [float((np.abs(frame - film.clean[t])[hidden]).mean()) for frame in (one, two)]
    assert error[1] < 0.8 * error[0]


def test_wrong_keys_are_refused(film: Film) -> None:
    key = (film.clean[0], film.source[0])
    with pytest.raises(ValueError, match="one or two drawings, not 0"):
        glide(film.source[1], [])
    with pytest.raises(ValueError, match="cannot be one film's"):
        glide(film.source[1][:-2], [key])
