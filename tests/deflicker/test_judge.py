"""Bad frames: found among flickering ones, not where there are none, and mended from their neighbours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.repair import KINDS, mend, plant, weaker
from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from deflicker import metrics
from deflicker.judge import FrameJudge, Verdict, unstable
from deflicker.repair import REACH, good_neighbours, rebuild, repair


@pytest.fixture(scope="module")
def long_film() -> Film:
    """Two shots of 18 and 12 frames, 170 x 96, that flicker a little."""
    return render(3, 30, 96, weaker(Flicker(), 0.5))


@pytest.fixture(scope="module")
def verdicts(long_film: Film) -> list[Verdict]:
    return list(unstable(long_film.drawn, long_film.source, long_film.shots))


def spoilt(film: Film, kind: str, t: int) -> list[np.ndarray]:
    drawn = list(film.drawn)
    drawn[t] = np.ascontiguousarray(KINDS[kind](film, t, np.random.default_rng(5)), np.float32)
    return drawn


def watched(film: Film, drawn: list[np.ndarray], shot: tuple[int, int]) -> FrameJudge:
    judge = FrameJudge()
    for t in range(*shot):
        judge.add(t, drawn[t], film.source[t])
    return judge


def test_a_film_that_flickers_evenly_has_none(verdicts: list[Verdict]) -> None:
    assert [verdict.index for verdict in verdicts] == list(range(30))
    assert sum(not verdict.is_stable for verdict in verdicts) <= 1


@pytest.mark.parametrize(("kind", "t"), [*((kind, 9) for kind in KINDS), ("melted", 0), ("tinted", 17)])
def test_every_kind_is_found_and_mended(long_film: Film, kind: str, t: int) -> None:
    drawn = spoilt(long_film, kind, t)
    judge = watched(long_film, drawn, (0, 18))
    judged = {u: judge.verdict(u) for u in range(max(0, t - REACH), min(18, t + REACH + 1))}
    assert not judged[t].is_stable
    assert sum(not verdict.is_stable for verdict in judged.values()) == 1, judged
    done = repair(judge, judged, t, drawn.__getitem__, long_film.source.__getitem__)
    assert done.how == "rebuilt"
    beside = [metrics.psnr(drawn[u], long_film.clean[u]) for u in done.neighbours]
    assert metrics.psnr(done.picture, long_film.clean[t]) > np.mean(beside) - 2
    assert metrics.sharpness(done.picture, long_film.clean[t]) > 0.6


def test_all_kinds_at_once() -> None:
    film = render(2, 36, 72, weaker(Flicker(), 0.6))
    planted = plant(film, 2)
    outcome = mend(planted)
    flagged = {verdict.index for verdict in outcome.verdicts if not verdict.is_stable}
    assert len(flagged & planted.kinds.keys()) >= 8
    assert len(flagged - planted.kinds.keys()) <= 2


def test_what_the_source_does_itself_is_no_fault(long_film: Film) -> None:
    """A flash, and a pull of focus: in the source and in the drawing alike."""
    drawn, source = list(long_film.drawn), list(long_film.source)
    for frames in (drawn, source):
        frames[6] = np.clip(frames[6] * 2.2, 0, 1)
        frames[13] = cv2.GaussianBlur(frames[13], (0, 0), 1.6)
    judged = list(unstable(drawn, source, long_film.shots))
    assert judged[6].is_stable, judged[6]
    assert judged[13].is_stable, judged[13]
    blind = list(unstable(drawn, long_film.source, long_film.shots))
    assert not blind[6].is_stable
    assert not blind[13].is_stable


def test_chunks_judge_alike(long_film: Film, verdicts: list[Verdict]) -> None:
    film = long_film
    for first, last in ((0, 4), (4, 5), (11, 18)):
        low, high = max(0, first - FrameJudge.lookaround), min(18, last + FrameJudge.lookaround)
        part = list(unstable(film.drawn[low:high], film.source[low:high], [(0, high - low)]))
        for t in range(first, last):
            assert (part[t - low].severity, part[t - low].z) == (verdicts[t].severity, verdicts[t].z)


def test_shots_are_judged_apart(long_film: Film, verdicts: list[Verdict]) -> None:
    other = [*long_film.drawn[:18], *(np.zeros_like(frame) for frame in long_film.drawn[18:])]
    changed = list(unstable(other, long_film.source, long_film.shots))
    assert [v.z for v in changed[:18]] == [v.z for v in verdicts[:18]]


def test_the_judge_forgets(long_film: Film) -> None:
    judge = FrameJudge()
    held = []
    for t in range(64):
        judge.add(t, long_film.drawn[t % 18], long_film.source[t % 18])
        if t >= 2 * FrameJudge.lookaround:
            judge.verdict(t - FrameJudge.lookaround)
            judge.forget(t - FrameJudge.lookaround + 1)
            held.append([len(kept) for kept in vars(judge).values() if isinstance(kept, dict)])
    assert max(max(counts) for counts in held) <= 4 * FrameJudge.lookaround + 2


def test_another_drawing_is_taken_if_it_is_better(long_film: Film) -> None:
    t, drawn = 9, spoilt(long_film, "melted", 9)
    judge = watched(long_film, drawn, (0, 18))
    judged = {u: judge.verdict(u) for u in range(t - REACH, t + REACH + 1)}
    asked = []

    def redraw(index: int, attempt: int) -> np.ndarray:
        asked.append((index, attempt))
        return long_film.drawn[index] if attempt == 2 else drawn[index]

    done = repair(judge, judged, t, drawn.__getitem__, long_film.source.__getitem__, redraw)
    assert (done.how, done.attempt, asked) == ("redrawn", 2, [(9, 1), (9, 2)])
    np.testing.assert_array_equal(done.picture, long_film.drawn[t])
    never = repair(
        judge, judged, t, drawn.__getitem__, long_film.source.__getitem__, lambda index, attempt: drawn[index]
    )
    assert never.how == "rebuilt"


def test_a_local_pop_leaves_the_rest_of_the_frame_alone(long_film: Film) -> None:
    t, drawn = 9, spoilt(long_film, "popped", 9)
    judge = watched(long_film, drawn, (0, 18))
    judged = {u: judge.verdict(u) for u in range(t - REACH, t + REACH + 1)}
    assert 0 < judged[t].tiles.mean() < 0.5
    done = repair(judge, judged, t, drawn.__getitem__, long_film.source.__getitem__)
    assert (done.picture == drawn[t]).all(axis=2).mean() > 0.2
    assert metrics.psnr(done.picture, long_film.clean[t]) > metrics.psnr(drawn[t], long_film.clean[t]) + 1


def test_bad_neighbours_are_not_used() -> None:
    def verdict(index: int, severity: float) -> Verdict:
        return Verdict(index, severity, "", {}, np.ones((8, 14), bool))

    judged = {u: verdict(u, 2.0 if u in (9, 10, 12) else 0.1) for u in range(6, 15)}
    assert good_neighbours(judged, 10) == [7, 8, 11, 13]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_short_black_and_still_shots_have_nothing_to_find(count: int, film: Film) -> None:
    black = [np.zeros((40, 60, 3), np.float32)] * count
    assert all(v.is_stable for v in unstable(black, black, [(0, count)]))
    still = [film.drawn[0]] * count
    assert all(v.is_stable for v in unstable(still, [film.source[0]] * count, [(0, count)]))


def test_wrong_input_is_refused(film: Film) -> None:
    with pytest.raises(ValueError, match="ends after 2 frames; its shots have 3"):
        list(unstable(film.drawn[:2], film.source[:2], [(0, 3)]))
    with pytest.raises(ValueError, match="its source"):
        FrameJudge().add(0, film.drawn[0], film.source[0][:-1])
    with pytest.raises(ValueError, match="without a neighbour"):
        rebuild(film.drawn[0], film.source[0], [])
