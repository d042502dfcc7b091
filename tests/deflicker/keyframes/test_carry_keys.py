"""Painted frames carried through a shot: a moving square before a wall, painted unlike their photographs."""

from __future__ import annotations

import weakref
from collections.abc import Mapping

import cv2
import numpy as np
import pytest

from deflicker.anchor import Guide
from deflicker.flow import Flow
from deflicker.keyframes import CarrySettings, Key, carrier, carry_keys, span_of
from deflicker.keyframes.steps import Steps
from deflicker.keyframes.trace import Trace
from deflicker.metrics import psnr

ROWS, COLUMNS, FRAMES = 72, 112, 9


def _texture(seed: int, rows: int, columns: int) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(0, 1, (rows, columns, 3)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip((blurred - blurred.mean()) * 4 + 0.5, 0, 1)


WALL, CLOTH = _texture(1, ROWS, COLUMNS), _texture(2, 28, 28)
PAINTED_WALL, PAINTED_CLOTH = _texture(3, ROWS, COLUMNS), _texture(4, 28, 28)


def _frame(t: int, *, painted: bool) -> np.ndarray:
    frame = (PAINTED_WALL if painted else WALL).copy()
    left = 12 + 4 * t
    frame[20:48, left : left + 28] = PAINTED_CLOTH if painted else CLOTH
    return frame


TRUTH = [_frame(t, painted=True) for t in range(FRAMES)]
GUIDES = {t: np.rint(_frame(t, painted=False) * 255).astype(np.uint8) for t in range(FRAMES)}


def _keys(*numbers: int) -> list[Key]:
    return [Key(at, TRUTH[at]) for at in numbers]


def test_a_key_is_its_own_frame_and_the_others_follow_the_photographs():
    frames = list(carry_keys(GUIDES, _keys(4), range(FRAMES)))
    assert np.array_equal(frames[4].picture, TRUTH[4])
    assert frames[4].known.min() == 1
    for frame in frames:
        sure = frame.known > 0.9
        assert sure.mean() > 0.7
        assert psnr(frame.picture[sure], TRUTH[frame.at][sure]) > 24
        unmoved = psnr(TRUTH[4][20:48], TRUTH[frame.at][20:48])
        assert frame.at == 4 or psnr(frame.picture[20:48], TRUTH[frame.at][20:48]) > unmoved + 3


def test_what_no_key_shows_is_open():
    last = list(carry_keys(GUIDES, _keys(0), range(FRAMES)))[-1]
    uncovered = np.zeros((ROWS, COLUMNS), bool)
    uncovered[24:44, 14:36] = True  # where the square stood in the key
    assert last.known[uncovered].mean() < 0.3 < 0.9 < last.known[~uncovered].mean()


def test_a_second_key_shows_what_the_first_one_hides():
    one, two = (
        list(carry_keys(GUIDES, _keys(*numbers), range(FRAMES)))[5].picture for numbers in ((0,), (0, 8))
    )
    assert psnr(two, TRUTH[5]) > psnr(one, TRUTH[5]) + 2


@pytest.mark.parametrize("wanted", [range(1, 3), range(5, 9), range(4, 5)])
def test_a_stretch_made_alone_is_the_same_to_the_bit(wanted):
    keys = _keys(0, 4, 6)
    whole = list(carry_keys(GUIDES, keys, range(FRAMES)))
    needed = {at: GUIDES[at] for at in span_of([0, 4, 6], wanted)}
    for frame in carry_keys(needed, keys, wanted):
        assert np.array_equal(frame.picture, whole[frame.at].picture)
        assert np.array_equal(frame.known, whole[frame.at].known)


def test_only_the_ways_to_keys_nearby_are_held(monkeypatch):
    """A long shot may have hundreds of keys."""
    held: list[weakref.ref[Trace]] = []
    grey = np.full((64, 64, 3), 128, np.uint8)

    def watched(key: np.ndarray) -> Trace:
        trace = Trace(key)
        held.append(weakref.ref(trace))
        return trace

    monkeypatch.setattr(carrier, "Trace", watched)
    keys = [Key(at, np.full((64, 64, 3), 0.5, np.float32)) for at in range(1, 24, 2)]
    guides = dict.fromkeys(range(24), grey)
    alive = [sum(each() is not None for each in held) for _ in carry_keys(guides, keys, range(24))]
    assert len(held) == 2 * len(keys) - 1
    assert max(alive) <= 4


def test_steps_are_let_go_once_no_way_needs_them_and_each_is_searched_once(monkeypatch):
    """Of a long shot with many keys the steps between a few of them are held."""
    made: list[Steps] = []
    searched: list[tuple[int, int]] = []

    class Watched(Steps):
        def __init__(self, guides: Mapping[int, Guide], flow: Flow) -> None:
            super().__init__(guides, flow)
            made.append(self)

    def flow(here: np.ndarray, there: np.ndarray) -> np.ndarray:
        searched.append((round(255 * here[0, 0, 0]), round(255 * there[0, 0, 0])))
        return np.zeros((64, 64, 2), np.float32)

    monkeypatch.setattr(carrier, "Steps", Watched)
    numbers = range(1, 40, 4)
    keys = [Key(at, np.full((64, 64, 3), 0.5, np.float32)) for at in numbers]
    guides = {at: np.full((64, 64, 3), at, np.uint8) for at in range(40)}
    held = [len(made[0]) for _ in carry_keys(guides, keys, range(40), flow=flow)]
    assert len(searched) == len(set(searched)) == 2 * 39
    assert max(held) <= 2 * 4 * 4
    assert held[-1] == 0


def test_a_part_that_is_not_painted_stays_open():
    painted = np.zeros((ROWS, COLUMNS), np.float32)
    painted[:, :60] = 1
    frames = list(carry_keys(GUIDES, [Key(4, TRUTH[4], painted)], range(FRAMES)))
    assert np.array_equal(frames[4].known, painted)
    assert frames[5].known[:, 70:].max() < 0.05
    assert frames[5].known[:18, :50].mean() > 0.9


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match="no key"):
        list(carry_keys(GUIDES, [], range(2)))
    with pytest.raises(ValueError, match="differ in size"):
        list(carry_keys(GUIDES, [Key(0, TRUTH[0]), Key(4, TRUTH[4][:-2])], range(2)))
    with pytest.raises(ValueError, match="frame 3 is not given"):
        list(carry_keys({at: GUIDES[at] for at in (0, 1, 2)}, _keys(0), range(4)))
    with pytest.raises(ValueError, match="guide_height"):
        CarrySettings(guide_height=10)
