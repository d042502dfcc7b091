"""Which chunks can be made now: those of which every frame that they read is done."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence

from stylize.farm.chunks import Chunk, FrameKey, PassQueue, cut_chunks, positions_in


class ReadyChunks:
    """The chunks of all queues: ready, waiting for frames that they read, or given up because of one.

    Args:
        queues: the queues; what they lack is cut into chunks at once.

    Attributes:
        done: the finished frames of each queue.
    """

    def __init__(self, queues: Sequence[PassQueue]) -> None:
        self.queues = queues
        self.done: list[set[int]] = [set(queue.done) for queue in queues]
        self._ready: list[Chunk] = []
        self._unmet: dict[Chunk, set[FrameKey]] = {}
        """Of every waiting chunk, the frames that it reads and that are not done."""
        self._waiting_for: dict[FrameKey, list[Chunk]] = defaultdict(list)
        self._impossible: set[FrameKey] = set()
        for number, queue in enumerate(queues):
            for chunk in cut_chunks(number, queue):
                self.add(chunk)

    def add(self, chunk: Chunk) -> None:
        """Takes up a chunk: it is ready, or waits for what it reads."""
        unmet = {key for key in self._reads(chunk) if not self.is_done(key)}
        if not self._impossible.isdisjoint(unmet):
            self._split(chunk)
        elif unmet:
            self._unmet[chunk] = unmet
            for key in unmet:
                self._waiting_for[key].append(chunk)
        else:
            heapq.heappush(self._ready, chunk)

    def pop(self, is_wanted: Callable[[Chunk], bool]) -> Chunk | None:
        """The first ready chunk that is wanted, which leaves; those before it that are not wanted are dropped."""
        while self._ready:
            chunk = heapq.heappop(self._ready)
            if is_wanted(chunk):
                return chunk
        return None

    def any(self, is_wanted: Callable[[Chunk], bool]) -> bool:
        """Whether a ready chunk is wanted."""
        return any(is_wanted(chunk) for chunk in self._ready)

    def is_done(self, key: FrameKey) -> bool:
        queue, frame = key
        return frame in self.done[queue]

    def finish(self, key: FrameKey) -> bool:
        """A frame is done: chunks that waited for nothing else are ready. Returns whether this is new."""
        if self.is_done(key):
            return False
        queue, frame = key
        self.done[queue].add(frame)
        for chunk in self._waiting_for.pop(key, []):
            unmet = self._unmet.get(chunk)
            if unmet is not None:
                unmet.discard(key)
                if not unmet:
                    del self._unmet[chunk]
                    heapq.heappush(self._ready, chunk)
        return True

    def give_up(self, key: FrameKey) -> None:
        """A frame will not be made, nor what is made from it. Waiting chunks are split to save other frames."""
        self._impossible.add(key)
        for chunk in self._waiting_for.pop(key, []):
            if self._unmet.pop(chunk, None) is not None:
                self._split(chunk)

    def _split(self, chunk: Chunk) -> None:
        """A chunk of several frames becomes one of each; a single frame is given up."""
        if len(chunk.frames) == 1:
            self.give_up((chunk.queue, chunk.frames[0]))
            return
        for frame in chunk.frames:
            self.add(chunk.only([frame]))

    def _reads(self, chunk: Chunk) -> set[FrameKey]:
        """The frames that a chunk reads. A queue answers for runs of neighbours, so it is asked run by run."""
        queue = self.queues[chunk.queue]
        shot = queue.shots[chunk.shot]
        positions = sorted(positions_in(shot, chunk.frames))
        found: set[FrameKey] = set()
        for _, group in itertools.groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0]):
            run = [position for _, position in group]
            for other, frames in queue.reads(shot, range(run[0], run[-1] + 1)).items():
                found.update((other, frame) for frame in frames)
        return found
