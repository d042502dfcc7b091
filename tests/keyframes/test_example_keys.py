"""The example's keys: each lies over its plate, and only the jacket has another cloth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from examples.keyframes.paint import dots, jacket_of
from stylize import footage
from stylize.footage.keyframes.resolve import resolve_keys

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_the_keys_are_taken_as_they_are(caplog):
    clip = footage.probe(EXAMPLES / "sample.mp4")
    keys = resolve_keys(EXAMPLES / "keyframes" / "keys", clip, footage.find_shots(clip))
    assert [(key.at, key.shift) for key in keys.files] == [(26, (0.0, 0.0)), (68, (0.0, 0.0))]
    assert caplog.text == ""


def test_dots_lie_on_the_red_things_alone():
    plate = np.full((60, 80, 3), 0.4, np.float32)
    plate[20:50, 20:60] = (0.8, 0.1, 0.1)
    plate[2:5, 2:5] = (0.8, 0.1, 0.1)  # too small to be a jacket
    jacket = jacket_of(plate)
    assert jacket[20:50, 20:60].all()
    assert jacket.sum() == 30 * 40
    drawn = dots(jacket)
    assert drawn[jacket == 0].max() == 0
    assert 0.03 < drawn[jacket > 0].mean() < 0.5
