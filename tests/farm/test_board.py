"""The scheduler's rules, without a cluster: order, readiness, leases, retries, splitting, quarantine."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import pytest

from stylize.farm.board import Board, Chunk, Lane, Rules

FRAMES = 24
SHOTS = (range(10), range(10, FRAMES))


def lanes(chunk: int = 5, reach: int = 2, batch_alignment: int = 1, done: Iterable[int] = ()) -> list[Lane]:
    """A pass that reads nothing, and one that reads two neighbours to each side of it."""

    def nothing(shot: Sequence[int], wanted: range) -> Mapping[int, Iterable[int]]:
        return {}

    def near(shot: Sequence[int], wanted: range) -> Mapping[int, Iterable[int]]:
        return {0: shot[max(0, wanted.start - reach) : wanted.stop + reach]}

    return [
        Lane(0, "draw", SHOTS, frozenset(done), nothing, chunk, batch_alignment),
        Lane(0, "calm", SHOTS, frozenset(), near, chunk),
    ]


def work(
    board: Board, chunk: Chunk, worker: int = 0, fails_at: int | None = None, words: str = "broke"
) -> None:
    """A worker makes its chunk in order, up to the frame at which it fails."""
    for at, frame in enumerate(chunk.frames):
        if frame == fails_at:
            board.end(worker, chunk.frames[at:], words)
            return
        assert board.heard(worker, 0.0, frame)
    board.end(worker, [])


def all_chunks(board: Board) -> list[Chunk]:
    taken = []
    while (chunk := board.take(0, 0.0)) is not None:
        taken.append(chunk)
        work(board, chunk)
    return taken


def test_every_frame_is_made_once_and_in_order() -> None:
    board = Board(lanes())
    taken = all_chunks(board)
    for lane in (0, 1):
        frames = [frame for chunk in taken if chunk.lane == lane for frame in chunk.frames]
        assert frames == list(range(FRAMES))
    assert board.is_over
    assert board.missing(0) == []
    assert all(board.is_complete(lane) for lane in (0, 1))


def test_chunks_end_at_cuts_and_begin_at_grains() -> None:
    taken = all_chunks(Board(lanes(chunk=5, batch_alignment=4)))
    assert [chunk.frames[0] for chunk in taken if chunk.lane == 0] == [0, 8, 10, 18]


def test_what_is_done_is_left_out() -> None:
    taken = all_chunks(Board(lanes(done=[0, 1, 2, 3, 4, 7])))
    assert [chunk.frames for chunk in taken if chunk.lane == 0][:2] == [(5, 6, 8, 9), (10, 11, 12, 13, 14)]


def test_a_chunk_is_ready_when_all_it_reads_is_made() -> None:
    board = Board(lanes(chunk=5))
    first, second = board.take(0, 0.0), board.take(1, 0.0)
    assert first == Chunk(0, 0, (0, 1, 2, 3, 4))
    assert second == Chunk(0, 0, (5, 6, 7, 8, 9))
    work(board, first, 0)
    assert (0, 0, (0, 1, 2, 3, 4)) not in [(c.lane, c.shot, c.frames) for c in [board.take(0, 0.0)] if c]
    board.heard(1, 0.0, 5)
    assert not any(lane == 1 for lane, _, _ in board._ready)
    board.heard(1, 0.0, 6)  # frame 4 of the second pass reads up to 6
    assert (1, 0, (0, 1, 2, 3, 4)) in board._ready


def test_a_failure_costs_only_what_is_missing() -> None:
    board = Board(lanes())
    chunk = board.take(0, 0.0)
    assert chunk is not None
    work(board, chunk, fails_at=2)
    again = all_chunks(board)
    drawn = [frame for each in again if each.lane == 0 for frame in each.frames]
    assert sorted(drawn) == list(range(2, FRAMES))
    assert Chunk(0, 0, (2,)) in again
    assert Chunk(0, 0, (3, 4)) in again
    assert board.missing(0) == []


def test_a_poison_frame_is_left_alone_in_the_end() -> None:
    board = Board(lanes(reach=2))
    tries = 0
    while (chunk := board.take(0, 0.0)) is not None:
        tries += chunk.lane == 0 and 13 in chunk.frames
        work(board, chunk, fails_at=13 if chunk.lane == 0 else None, words="it kills")
    assert tries == board.rules.tries
    assert board.poison == {(0, 13): "it kills"}
    assert board.is_over
    assert board.missing(0) == [("draw", 13)] + [("calm", n) for n in (11, 12, 13, 14, 15)]


def test_what_hangs_on_a_poison_frame_by_many_steps_is_let_go_and_nothing_else() -> None:
    def before(lane: int) -> Lane:
        return Lane(
            0, f"pass {lane}", SHOTS, frozenset(), lambda shot, at: {lane - 1: shot[at.start : at.stop]}, 7
        )

    board = Board([*lanes(reach=1), before(2), before(3)])
    while (chunk := board.take(0, 0.0)) is not None:
        work(board, chunk, fails_at=13 if chunk.lane == 0 else None)
    assert board.is_over
    assert board.missing(0) == [
        ("draw", 13),
        *((name, n) for name in ("calm", "pass 2", "pass 3") for n in (12, 13, 14)),
    ]


def test_a_worker_that_is_silent_is_found() -> None:
    board = Board(lanes(), Rules(lease_s=60))
    board.take(0, 0.0)
    board.take(1, 0.0)
    board.heard(0, 50.0, 0)
    assert board.expired(59.0) == []
    assert board.expired(61.0) == [1]
    assert not board.is_over


def test_a_late_sign_of_a_lost_worker_counts_for_nothing() -> None:
    board = Board(lanes())
    chunk = board.take(0, 0.0)
    assert chunk is not None
    board.end(0, chunk.frames, "silent")
    assert not board.heard(0, 1.0, 0)
    assert board.end(0, []) is None


def test_frames_that_vanish_are_made_again() -> None:
    board = Board(lanes())
    while (chunk := board.take(0, 0.0)) is not None and chunk.lane == 0:
        work(board, chunk)
    assert chunk is not None
    board.end(0, chunk.frames, "frames of draw are missing")
    board.lost(0, [2, 3])
    again = all_chunks(board)
    assert Chunk(0, 0, (2, 3)) in again
    assert board.missing(0) == []


def test_a_run_in_which_nothing_works_is_given_up() -> None:
    board = Board(lanes(), Rules(hopeless=4))
    failed = 0
    while (chunk := board.take(0, 0.0)) is not None:
        board.end(0, chunk.frames, "no memory")
        failed += 1
    assert failed == 4
    assert board.is_over
    assert "No worker could make a single frame. no memory" in board.given_up[0]


def test_a_job_with_too_many_bad_frames_is_given_up_alone() -> None:
    other = Lane(1, "draw", (range(6),), frozenset(), lambda shot, wanted: {}, 3)
    board = Board([*lanes(), other], Rules(poisoned=2))
    while (chunk := board.take(0, 0.0)) is not None:
        bad = [frame for frame in chunk.frames if chunk.lane == 0 and frame in (4, 6, 12)]
        work(board, chunk, fails_at=bad[0] if bad else None)
    assert list(board.given_up) == [0]
    assert board.missing(1) == []


@pytest.mark.parametrize("seed", range(30))
def test_whatever_dies_nothing_is_lost_and_nothing_made_twice(seed: int) -> None:
    """Workers fail at random moments; as long as no frame fails again and again, all of it is made."""
    dice = random.Random(seed)
    board = Board(lanes(chunk=dice.randint(1, 9), batch_alignment=dice.choice([1, 1, 3])), Rules(tries=50))
    made: list[tuple[int, int]] = []
    hands: dict[int, tuple[Chunk, int]] = {}
    for _ in range(5000):
        worker = dice.randrange(3)
        if worker not in hands:
            chunk = board.take(worker, 0.0)
            if chunk is not None:
                hands[worker] = (chunk, 0)
            continue
        chunk, at = hands[worker]
        if at == len(chunk.frames):
            board.end(worker, [])
            del hands[worker]
        elif dice.random() < 0.15:
            board.end(worker, chunk.frames[at:], "killed")
            del hands[worker]
        else:
            needs = board.lanes[chunk.lane].reads(
                board.lanes[chunk.lane].shots[chunk.shot],
                range(
                    *(lambda p: (p, p + 1))(list(board.lanes[0].shots[chunk.shot]).index(chunk.frames[at]))
                ),
            )
            assert all(frame in board.done[lane] for lane, frames in needs.items() for frame in frames)
            if board.heard(worker, 0.0, chunk.frames[at]):
                made.append((chunk.lane, chunk.frames[at]))
            hands[worker] = (chunk, at + 1)
    assert board.is_over
    assert sorted(made) == [(lane, frame) for lane in (0, 1) for frame in range(FRAMES)]
