"""The scheduler's rules, without a cluster: order, readiness, leases, retries, splitting, quarantine."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import pytest

from stylize.farm.chunks import Chunk, PassQueue
from stylize.farm.ready_chunks import ReadyChunks
from stylize.farm.scheduler import RetryRules, Scheduler

FRAMES = 24
SHOTS = (range(10), range(10, FRAMES))


def queues(
    chunk_size: int = 5, reach: int = 2, batch_alignment: int = 1, done: Iterable[int] = ()
) -> list[PassQueue]:
    """A pass that reads nothing, and one that reads two neighbours to each side of it."""

    def nothing(shot: Sequence[int], wanted: range) -> Mapping[int, Iterable[int]]:
        return {}

    def near(shot: Sequence[int], wanted: range) -> Mapping[int, Iterable[int]]:
        return {0: shot[max(0, wanted.start - reach) : wanted.stop + reach]}

    return [
        PassQueue(0, "draw", SHOTS, frozenset(done), nothing, chunk_size, batch_alignment),
        PassQueue(0, "calm", SHOTS, frozenset(), near, chunk_size),
    ]


def work(
    scheduler: Scheduler, chunk: Chunk, worker: int = 0, fails_at: int | None = None, error: str = "broke"
) -> None:
    """A worker makes its chunk in order, up to the frame at which it fails."""
    for at, frame in enumerate(chunk.frames):
        if frame == fails_at:
            scheduler.end(worker, chunk.frames[at:], error)
            return
        assert scheduler.report(worker, 0.0, frame)
    scheduler.end(worker, [])


def all_chunks(scheduler: Scheduler) -> list[Chunk]:
    taken = []
    while (chunk := scheduler.take(0, 0.0)) is not None:
        taken.append(chunk)
        work(scheduler, chunk)
    return taken


def test_every_frame_is_made_once_and_in_order() -> None:
    scheduler = Scheduler(queues())
    taken = all_chunks(scheduler)
    for queue in (0, 1):
        frames = [frame for chunk in taken if chunk.queue == queue for frame in chunk.frames]
        assert frames == list(range(FRAMES))
    assert scheduler.is_over
    assert scheduler.missing(0) == []
    assert all(scheduler.is_complete(queue) for queue in (0, 1))


def test_chunks_end_at_cuts_and_begin_at_multiples_of_the_batch() -> None:
    taken = all_chunks(Scheduler(queues(chunk_size=5, batch_alignment=4)))
    assert [chunk.frames[0] for chunk in taken if chunk.queue == 0] == [0, 8, 10, 18]


def test_what_is_done_is_left_out() -> None:
    taken = all_chunks(Scheduler(queues(done=[0, 1, 2, 3, 4, 7])))
    assert [chunk.frames for chunk in taken if chunk.queue == 0][:2] == [(5, 6, 8, 9), (10, 11, 12, 13, 14)]


def test_a_chunk_is_ready_when_all_it_reads_is_made() -> None:
    chunks = ReadyChunks(queues(chunk_size=5))

    def is_calm(chunk: Chunk) -> bool:
        return chunk.queue == 1

    for frame in range(6):
        assert chunks.finish((0, frame))
        assert not chunks.any(is_calm)
    assert chunks.finish((0, 6))  # frame 4 of the second pass reads up to 6
    assert chunks.pop(is_calm) == Chunk(1, 0, (0, 1, 2, 3, 4))
    assert not chunks.finish((0, 6))


def test_a_failure_costs_only_what_is_missing() -> None:
    scheduler = Scheduler(queues())
    chunk = scheduler.take(0, 0.0)
    assert chunk is not None
    work(scheduler, chunk, fails_at=2)
    again = all_chunks(scheduler)
    drawn = [frame for each in again if each.queue == 0 for frame in each.frames]
    assert sorted(drawn) == list(range(2, FRAMES))
    assert Chunk(0, 0, (2,)) in again
    assert Chunk(0, 0, (3, 4)) in again
    assert scheduler.missing(0) == []


def test_a_frame_that_always_fails_goes_into_quarantine() -> None:
    scheduler = Scheduler(queues(reach=2))
    tries = 0
    while (chunk := scheduler.take(0, 0.0)) is not None:
        tries += chunk.queue == 0 and 13 in chunk.frames
        work(scheduler, chunk, fails_at=13 if chunk.queue == 0 else None, error="it kills")
    assert tries == scheduler.rules.tries
    assert scheduler.quarantine == {(0, 13): "it kills"}
    assert scheduler.is_over
    assert scheduler.missing(0) == [("draw", 13)] + [("calm", n) for n in (11, 12, 13, 14, 15)]


def test_what_is_made_from_a_failed_frame_over_many_passes_is_given_up_and_nothing_else() -> None:
    def after(queue: int) -> PassQueue:
        return PassQueue(
            0, f"pass {queue}", SHOTS, frozenset(), lambda shot, at: {queue - 1: shot[at.start : at.stop]}, 7
        )

    scheduler = Scheduler([*queues(reach=1), after(2), after(3)])
    while (chunk := scheduler.take(0, 0.0)) is not None:
        work(scheduler, chunk, fails_at=13 if chunk.queue == 0 else None)
    assert scheduler.is_over
    assert scheduler.missing(0) == [
        ("draw", 13),
        *((name, n) for name in ("calm", "pass 2", "pass 3") for n in (12, 13, 14)),
    ]


def test_a_silent_worker_is_found() -> None:
    scheduler = Scheduler(queues(), RetryRules(lease_s=60))
    scheduler.take(0, 0.0)
    scheduler.take(1, 0.0)
    scheduler.report(0, 50.0, 0)
    assert scheduler.expired(59.0) == []
    assert scheduler.expired(61.0) == [1]
    assert not scheduler.is_over


def test_a_late_report_of_a_lost_worker_counts_for_nothing() -> None:
    scheduler = Scheduler(queues())
    chunk = scheduler.take(0, 0.0)
    assert chunk is not None
    scheduler.end(0, chunk.frames, "silent")
    assert not scheduler.report(0, 1.0, 0)
    assert scheduler.end(0, []) is None


def test_lost_frames_are_made_again() -> None:
    scheduler = Scheduler(queues())
    while (chunk := scheduler.take(0, 0.0)) is not None and chunk.queue == 0:
        work(scheduler, chunk)
    assert chunk is not None
    scheduler.end(0, chunk.frames, "frames of draw are missing")
    scheduler.lost(0, [2, 3])
    again = all_chunks(scheduler)
    assert Chunk(0, 0, (2, 3)) in again
    assert scheduler.missing(0) == []


def test_a_run_in_which_nothing_works_is_given_up() -> None:
    scheduler = Scheduler(queues(), RetryRules(first_failures=4))
    failed = 0
    while (chunk := scheduler.take(0, 0.0)) is not None:
        scheduler.end(0, chunk.frames, "no memory")
        failed += 1
    assert failed == 4
    assert scheduler.is_over
    assert "No worker could make a single frame. no memory" in scheduler.given_up[0]


def test_a_job_with_too_many_bad_frames_is_given_up_alone() -> None:
    other = PassQueue(1, "draw", (range(6),), frozenset(), lambda shot, wanted: {}, 3)
    scheduler = Scheduler([*queues(), other], RetryRules(quarantine_limit=2))
    while (chunk := scheduler.take(0, 0.0)) is not None:
        bad = [frame for frame in chunk.frames if chunk.queue == 0 and frame in (4, 6, 12)]
        work(scheduler, chunk, fails_at=bad[0] if bad else None)
    assert list(scheduler.given_up) == [0]
    assert scheduler.missing(1) == []


@pytest.mark.parametrize("seed", range(30))
def test_whatever_dies_nothing_is_lost_and_nothing_made_twice(seed: int) -> None:
    """Workers fail at random moments; as long as no frame fails again and again, all of it is made."""
    dice = random.Random(seed)
    scheduler = Scheduler(
        queues(chunk_size=dice.randint(1, 9), batch_alignment=dice.choice([1, 1, 3])), RetryRules(tries=50)
    )
    made: list[tuple[int, int]] = []
    busy: dict[int, tuple[Chunk, int]] = {}
    for _ in range(5000):
        worker = dice.randrange(3)
        if worker not in busy:
            chunk = scheduler.take(worker, 0.0)
            if chunk is not None:
                busy[worker] = (chunk, 0)
            continue
        chunk, at = busy[worker]
        if at == len(chunk.frames):
            scheduler.end(worker, [])
            del busy[worker]
        elif dice.random() < 0.15:
            scheduler.end(worker, chunk.frames[at:], "killed")
            del busy[worker]
        else:
            needs = scheduler.queues[chunk.queue].reads(
                scheduler.queues[chunk.queue].shots[chunk.shot],
                range(
                    *(lambda p: (p, p + 1))(
                        list(scheduler.queues[0].shots[chunk.shot]).index(chunk.frames[at])
                    )
                ),
            )
            assert all(frame in scheduler.done(queue) for queue, frames in needs.items() for frame in frames)
            if scheduler.report(worker, 0.0, chunk.frames[at]):
                made.append((chunk.queue, chunk.frames[at]))
            busy[worker] = (chunk, at + 1)
    assert scheduler.is_over
    assert sorted(made) == [(queue, frame) for queue in (0, 1) for frame in range(FRAMES)]
