"""All passes and the film at the same time: the same frames as pass by pass, however it is stopped."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import pipeline
from stylize.errors import CannotWrite, Interrupted
from stylize.events import Event, FrameDone, PassFinished, PassStarted, silent
from stylize.footage.cadence import expose
from stylize.footage.clip import Shot
from stylize.jobs.at_once import make_at_once
from stylize.jobs.job import RenderJob, Segment
from stylize.passes import channel
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.channel import Channel
from stylize.passes.frame_set import FrameSet
from stylize.passes.overlap import OverlappedPasses
from stylize.storage.frame_file import Levels
from tests.farm.standin import stand_in

FRAMES = 48


@dataclass
class Backwards(Pass):
    """Reads the last frames of a shot first, one frame in three, and two names."""

    frames: FrameSet = field(default_factory=lambda: FrameSet(range(0, FRAMES, 3)))

    name = "backwards"
    size = (64, 48)
    needs = ("draw", "calm")
    lookaround = (12, 12)

    def settings(self) -> object:
        return None

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        for number in shot[wanted.start : wanted.stop]:
            (last,) = inputs.frames("draw", [shot[-1]])
            (own,) = inputs.frames("calm", [number])
            yield number, ((last + own) / 2,)


def with_three(job: RenderJob) -> RenderJob:
    (segment,) = job.segments
    passes = (*segment.passes, Backwards())
    prints = {**segment.fingerprints, "backwards": "0"}
    return replace(job, segments=(replace(segment, passes=passes, fingerprints=prints),))


def frames_of(job: RenderJob) -> dict[str, bytes]:
    """Every file of the store."""
    files = list(job.run_dir.rglob("[0-9]*.png"))
    return {str(file.relative_to(job.run_dir)): file.read_bytes() for file in files}


@pytest.mark.parametrize("kept", [channel.KEPT_BYTES, 20_000])
def test_the_frames_are_those_of_pass_by_pass(
    tmp_path: Path, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where hardly a frame stays in memory."""
    monkeypatch.setattr(channel, "KEPT_BYTES", kept)
    one, other = (with_three(stand_in(tmp_path / name, FRAMES)) for name in ("one", "other"))
    for name in one.pass_names:
        pipeline.run_pass(one, name, silent, lambda: False)
    events: list[Event] = []
    make_at_once(other, events.append, False, lambda: False)
    assert frames_of(one) == frames_of(other)
    assert len(frames_of(one)) == FRAMES * 2 + FRAMES // 3
    for name in ("draw", "calm", "encode"):
        told = [event.index for event in events if isinstance(event, FrameDone) and event.name == name]
        assert told == list(range(FRAMES))
        assert any(isinstance(event, PassStarted) and event.name == name for event in events)
        assert any(isinstance(event, PassFinished) and event.name == name for event in events)


def in_two_segments(job: RenderJob) -> RenderJob:
    """The same job, its later shots as a segment of their own."""
    (segment,) = job.segments

    def part(shots: Sequence[Shot]) -> Segment:
        numbers = range(shots[0].start, shots[-1].end)
        return replace(
            segment,
            shots=tuple(shots),
            sheet=expose(shots, [1] * len(shots), numbers),
            passes=tuple(replace(step, frames=FrameSet(numbers)) for step in segment.passes),  # type: ignore[type-var]
        )

    return replace(job, segments=(part(segment.shots[:2]), part(segment.shots[2:])))


def test_a_segment_that_is_made_keeps_no_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a clip with many segments, memory would grow with each."""
    given: list[weakref.ref[Levels]] = []
    held: list[int] = []
    put, make = Channel.put, OverlappedPasses.make

    def remembered(self: Channel, number: int, levels: Levels) -> None:
        given.append(weakref.ref(levels))
        put(self, number, levels)

    def counted(self: OverlappedPasses, step: Pass, *told: Any) -> None:
        if step.name == "draw":
            held.append(sum(each() is not None for each in given))
        make(self, step, *told)

    monkeypatch.setattr(Channel, "put", remembered)
    monkeypatch.setattr(OverlappedPasses, "make", counted)
    one, other = (stand_in(tmp_path / name, FRAMES, name=name) for name in ("one", "other"))
    make_at_once(in_two_segments(one), silent, False, lambda: False)
    assert len(given) == 2 * FRAMES
    assert held[0] == 0
    assert held[1] <= 2  # the film may be reading one
    make_at_once(other, silent, False, lambda: False)
    assert frames_of(one) == frames_of(other)


def test_passes_work_side_by_side_and_keep_close(tmp_path: Path) -> None:
    events: list[Event] = []
    make_at_once(stand_in(tmp_path / "run", FRAMES, 0.002), events.append, False, lambda: False)
    done = [(event.name, event.index) for event in events if isinstance(event, FrameDone)]
    assert done.index(("encode", 0)) < done.index(("draw", FRAMES - 1))
    for number in range(FRAMES - 16):  # lookaround, lead, and events that overtake each other
        assert done.index(("calm", number)) < done.index(("draw", number + 16))


def test_a_pass_is_not_charged_for_waiting(tmp_path: Path) -> None:
    """The third pass waits for the last frame of the two slow ones, and works for a moment."""
    events: list[Event] = []
    make_at_once(with_three(stand_in(tmp_path / "run", FRAMES, 0.02)), events.append, False, lambda: False)
    seconds = {event.name: event.seconds for event in events if isinstance(event, PassFinished)}
    assert seconds["draw"] >= 0.02 * FRAMES
    assert 0 <= seconds["backwards"] < seconds["draw"] / 2
    assert seconds["encode"] >= 0


def test_a_failure_ends_all_threads_and_is_told(tmp_path: Path) -> None:
    job = stand_in(tmp_path / "run", FRAMES, ills={20: "full"})
    with pytest.raises(CannotWrite):
        make_at_once(job, silent, False, lambda: False)
    assert not [each for each in threading.enumerate() if each.name.startswith("stylize")]
    assert not job.film.path.exists()
    assert job.segments[0].store("draw").has(19)


def test_a_stop_ends_all_threads(tmp_path: Path) -> None:
    seen: list[Event] = []
    job = stand_in(tmp_path / "run", FRAMES)
    with pytest.raises(Interrupted):
        make_at_once(job, seen.append, False, lambda: len(seen) == 30)
    assert len(seen) == 30
    assert not [each for each in threading.enumerate() if each.name.startswith("stylize")]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_killed_at_any_moment_it_ends_in_the_same_film(tmp_path: Path) -> None:
    whole = stand_in(tmp_path / "whole", FRAMES)
    make_at_once(whole, silent, False, lambda: False)
    code = (
        "import sys; from pathlib import Path; from tests.farm.standin import stand_in;"
        "from stylize.events import silent; from stylize.jobs.at_once import make_at_once;"
        f"make_at_once(stand_in(Path(sys.argv[1]), {FRAMES}, .004, name='killed'), silent, True, lambda: False)"
    )
    job, moments = stand_in(tmp_path / "killed", FRAMES, name="killed"), random.Random(3)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code, str(job.run_dir)])
        before, deadline = len(frames_of(job)), time.monotonic() + 60
        aim = before + moments.randrange(1, 25)
        while len(list(job.run_dir.rglob("[0-9]*.png"))) < aim:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not job.film.path.exists()
    make_at_once(job, silent, False, lambda: False)
    assert frames_of(job) == frames_of(whole)
    assert job.film.path.read_bytes() == whole.film.path.read_bytes()
    assert np.all([job.segments[0].store("calm").has(number) for number in range(FRAMES)])
