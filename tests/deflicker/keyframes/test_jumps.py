"""Flow beside a jump is that of one side or the other."""

from __future__ import annotations

import numpy as np

from deflicker.keyframes.jumps import enlarge_flow, warp_flow
from deflicker.warp import resize_flow, warp

JUMPING = np.zeros((24, 32, 2), np.float32)
JUMPING[:, 16:] = (9, -4)


def motions(flow: np.ndarray) -> set[tuple[float, float]]:
    return {(round(float(x), 3), round(float(y), 3)) for x, y in flow.reshape(-1, 2)}


def test_nothing_lies_between_two_motions():
    half = np.full((24, 32, 2), 0.5, np.float32)
    assert motions(warp_flow(JUMPING, half)) == {(0, 0), (9, -4)}
    assert len(motions(warp(JUMPING, half, smooth=False))) > 2
    assert motions(enlarge_flow(JUMPING, 60, 80)) == {(0, 0), (22.5, -10)}
    assert len(motions(resize_flow(JUMPING, 60, 80))) > 2


def test_where_nothing_jumps_flow_stays_smooth():
    across, down = np.meshgrid(np.arange(32), np.arange(24))
    smooth = np.dstack([across * 0.1, down * -0.2]).astype(np.float32)
    assert np.array_equal(enlarge_flow(smooth, 60, 80), resize_flow(smooth, 60, 80))
    assert np.array_equal(warp_flow(smooth, smooth), warp(smooth, smooth, smooth=False))
