"""The units that are scheduled: a queue of frames for each pass, cut into chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

FrameKey = tuple[int, int]
"""A frame of a pass: the number of the pass's queue, and of the frame."""


@dataclass(frozen=True)
class PassQueue:
    """The frames of one pass of one segment of one job.

    Attributes:
        job: the job's number in the run.
        name: the pass.
        shots: the frames that the pass makes, shot by shot, ascending.
        done: those that are made already.
        reads: returns which frames of other queues, by queue number, are read to make some positions of a shot.
        chunk_size: how many frames one task makes.
        batch_alignment: how many frames are made at once: chunks begin at multiples of it, counted from the shot's
            start.
    """

    job: int
    name: str
    shots: tuple[Sequence[int], ...]
    done: frozenset[int]
    reads: Callable[[Sequence[int], range], Mapping[int, Iterable[int]]]
    chunk_size: int
    batch_alignment: int = 1

    @property
    def frame_count(self) -> int:
        return sum(len(shot) for shot in self.shots)


@dataclass(frozen=True, order=True)
class Chunk:
    """Frames of one shot of a queue, ascending, which one worker makes in order. Earlier chunks sort first."""

    queue: int
    shot: int
    frames: tuple[int, ...]

    def only(self, frames: Iterable[int]) -> Chunk:
        """A chunk of these of its frames."""
        return Chunk(self.queue, self.shot, tuple(frames))


def cut_chunks(number: int, queue: PassQueue) -> Iterator[Chunk]:
    """The missing frames of queue `number` in chunks; every chunk begins at a multiple of the batch alignment."""
    size = -(-queue.chunk_size // queue.batch_alignment) * queue.batch_alignment
    for shot, frames in enumerate(queue.shots):
        for start in range(0, len(frames), size):
            missing = [frame for frame in frames[start : start + size] if frame not in queue.done]
            if missing:
                yield Chunk(number, shot, tuple(missing))


def positions_in(shot: Sequence[int], frames: Sequence[int]) -> list[int]:
    """The positions of ascending frames among a shot's ascending frames."""
    if isinstance(shot, range):
        return [frame - shot.start for frame in frames]
    index = {number: position for position, number in enumerate(shot)}
    return [index[frame] for frame in frames]
