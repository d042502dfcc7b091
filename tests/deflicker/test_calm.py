"""Frames that do not flicker are left out of the steadying, and the others come out as if none were."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from deflicker import SteadySettings, steady, steady_part
from deflicker.arrays import levels8
from deflicker.calm import CalmFrames, _Steps
from deflicker.motion import Motion
from deflicker.restlessness import FRAME_RESTLESS, FRAME_STILL, restlessness
from deflicker.window import Window

QUICK = SteadySettings(offsets=(1,), colour_offsets=(1,), far_offsets=(2,))
"""A lookaround of 6, so that short films have an inside."""
POPS = (3, 20, 21)
Frames = list[np.ndarray]


def painted(photograph: np.ndarray) -> np.ndarray:
    return np.clip(0.1 + 0.9 * np.roll(photograph, 1, axis=2), 0, 1)


@pytest.fixture(scope="module")
def calm_film() -> tuple[Frames, Frames]:
    """Drawings of a wall that the camera pans along, which do not flicker, and their photographs."""
    noise = np.random.default_rng(1).random((96, 160, 3), np.float32)
    wall = np.clip(0.5 + 8 * (cv2.GaussianBlur(noise, (0, 0), 5) - 0.5), 0, 1).astype(np.float32)
    source = [np.roll(wall, -t, axis=1)[:, :128].copy() for t in range(30)]
    return [painted(frame) for frame in source], source


@pytest.fixture(scope="module")
def mixed_film(calm_film: tuple[Frames, Frames]) -> tuple[Frames, Frames]:
    """The same with a few frames that pop."""
    calm, source = calm_film
    return [frame * np.float32(0.8) if t in POPS else frame for t, frame in enumerate(calm)], source


def test_a_calm_film_stays_as_it_is_and_costs_no_search_for_motion(
    calm_film: tuple[Frames, Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, source = calm_film
    monkeypatch.setattr(Motion, "_learn", lambda *_: pytest.fail("the motion was searched for"))
    for before, after in zip(drawn, steady(drawn, source, [(0, len(drawn))], QUICK), strict=True):
        np.testing.assert_array_equal(after, before)


def test_leaving_calm_frames_out_changes_no_bit(
    mixed_film: tuple[Frames, Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, source = mixed_film
    steadied = list(steady(drawn, source, [(0, len(drawn))], QUICK))
    changed = [t for t, frame in enumerate(steadied) if not np.array_equal(frame, drawn[t])]
    assert set(POPS) <= set(changed)
    assert len(changed) < len(drawn) / 2
    monkeypatch.setattr(CalmFrames, "is_calm", lambda *_: False)
    for one, other in zip(steadied, steady(drawn, source, [(0, len(drawn))], QUICK), strict=True):
        np.testing.assert_array_equal(one, other)


def test_chunks_of_a_film_that_flickers_in_part_are_those_of_the_whole(
    mixed_film: tuple[Frames, Frames],
) -> None:
    drawn, source = mixed_film
    whole = list(steady(drawn, source, [(0, len(drawn))], QUICK))
    for first in range(0, len(drawn), 7):
        wanted = range(first, min(first + 7, len(drawn)))
        given = range(max(0, first - QUICK.lookaround), min(len(drawn), wanted.stop + QUICK.lookaround))
        near = slice(given.start, given.stop)
        for t, frame in zip(
            wanted, steady_part(drawn[near], source[near], given, wanted, QUICK), strict=True
        ):
            np.testing.assert_array_equal(frame, whole[t])


def test_drawings_held_for_three_frames_are_not_calm(calm_film: tuple[Frames, Frames]) -> None:
    """The one in the middle is like both next ones; it flickers all the same."""
    drawing, photograph = calm_film[0][0], calm_film[1][0]
    calm = CalmFrames()
    for t in range(12):
        shade = np.float32(0.9 if (t // 3) % 2 else 1.0)
        calm.add(t, drawing * shade, np.uint8(photograph * 255))
    assert not any(calm.is_calm(t) for t in range(12))


def test_what_is_held_of_a_film_that_flickers_now_and_then_is_bounded(
    mixed_film: tuple[Frames, Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    finish = Window.steadied

    def watched(window: Window, t: int) -> np.ndarray:
        frame = finish(window, t)
        window.forget(t)
        held.extend(len(cache) for cache in window._caches.values())
        held.extend(len(cache) for level in window._motion.levels for cache in (level.guide, level.steps[1]))
        return frame

    monkeypatch.setattr(Window, "steadied", watched)
    drawn, source = mixed_film
    list(steady(drawn * 2, source * 2, [(0, 2 * len(drawn))], QUICK))
    assert max(held) <= 2 * QUICK.lookaround + 1


def test_where_the_quick_search_fails_a_better_one_tells_that_a_film_is_calm(
    calm_film: tuple[Frames, Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quick search that finds no motion makes every frame of a pan look restless, where drawings are crisp."""
    monkeypatch.setattr(
        "deflicker.calm._quick_search", lambda here, there: np.zeros((*here.shape[:2], 2), np.float32)
    )
    monkeypatch.setattr(Motion, "_learn", lambda *_: pytest.fail("the frame was looked at in full"))
    source = calm_film[1]
    drawn = [np.clip(0.5 + 4 * (frame - 0.5), 0, 1) for frame in source]
    for before, after in zip(drawn, steady(drawn, source, [(0, len(drawn))], QUICK), strict=True):
        np.testing.assert_array_equal(after, before)
    blind = [_Steps(lambda here, there: np.zeros((*here.shape[:2], 2), np.float32))] * 2
    frames = CalmFrames()
    frames._searches = tuple(blind)
    for t in range(5):
        frames.add(t, drawn[t], levels8(source[t]))
    assert not frames.is_calm(2)


@pytest.mark.parametrize(("over", "changes_anything"), [(0.04, False), (0.2, True)])
def test_what_nobody_would_see_is_not_changed(over: float, changes_anything: bool) -> None:
    """A frame whose change lies a little over the limit would go a thousandth of the way, and stays."""
    level = np.float32(FRAME_STILL + over * (FRAME_RESTLESS - FRAME_STILL))
    drawn, source = np.full((72, 96, 3), 0.5, np.float32), np.full((72, 96, 3), 0.4, np.float32)
    beside = (drawn + level * 1.03, source, np.ones((72, 96), np.float32))
    assert restlessness(drawn, source, [beside], 0.25).any() == changes_anything
