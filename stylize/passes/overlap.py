"""All passes of a segment at once, each in a thread of its own, a few frames behind the one that it reads.

A pass neither knows nor cares: its `Inputs` wait for a frame that is not there yet. What is in memory still is not
read back from the store. Every frame is committed before others see it, as the runner does it for a single pass, so
a killed run leaves nothing that could not be taken up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from stylize.footage.clip import Pixels
from stylize.passes.base import Inputs, Pass
from stylize.passes.channel import LEAD, Channel, Work
from stylize.passes.runner import PassContext, commit, stretches
from stylize.passes.shared_footage import KEPT_BYTES, SharedFootage


def share_plates(steps: Sequence[Pass]) -> bool:
    """Whether passes read plates of the source's own size from one decoder: where each is at most a few frames
    behind the one before, and so many plates may be kept."""
    width, height = max((step.size for step in steps), key=lambda size: size[0] * size[1])
    return (
        all(step.lookaround == (0, 0) for step in steps) and (LEAD + 1) * width * height * 3 * 4 <= KEPT_BYTES
    )


class OverlappedPasses:
    """The passes of one segment, with a channel for every picture that they make.

    Args:
        work: shared by the segments of a run.
        context: where they work; footage is read from its own inputs.
        steps: its passes, in order.
        films: by the name of a film, the picture that it shows.
    """

    def __init__(
        self, work: Work, context: PassContext, steps: Sequence[Pass], films: Iterable[tuple[str, str]]
    ) -> None:
        self._work, self._context = work, context
        self._missing = {step.name: context.missing(step) for step in steps}
        self._channels = {
            name: Channel(
                work, step.name, context.store(name), self._missing[step.name], step.frames.shown_at
            )
            for step in steps
            for name in step.gives
        }
        self._footage = SharedPlates(context.inputs(), share_plates(steps))
        for step in steps:
            for name in step.needs:
                self._add_reader(name, step.name)
        for film, picture in films:
            self._add_reader(picture, film)

    def inputs(self, reader: str) -> Inputs:
        """What a pass or a film reads: it waits for what is not made yet."""
        return _WaitingInputs(self._channels, self._footage, reader)

    def make(self, step: Pass, tell: Callable[[int], None], paced: bool = True) -> None:
        """Makes the frames of a pass that are missing, and tells the number of each once it is committed.

        Args:
            paced: it waits where its readers are far behind; they must be at work then.

        Raises:
            Abandoned: the work is to end.
            StylizeError: what went wrong; what was committed is kept.
        """
        stores = [self._context.store(name) for name in step.gives]
        channels = [self._channels[name] for name in step.gives]
        inputs = self.inputs(step.name)
        for shot, wanted in stretches(step.frames.numbers, self._missing[step.name], self._context.shots):
            rendering: Any = step.render(shot, wanted, inputs)
            with closing(rendering):
                for number, pictures in rendering:
                    kept = commit(step, stores, number, pictures)
                    for channel, levels in zip(channels, kept, strict=True):
                        channel.put(number, levels)
                    tell(number)
                    if paced:
                        self._pause(channels)
                    self._work.check()
        for channel in channels:
            channel.close()
        self.release(step.name, step.needs)

    def let_go(self) -> None:
        """Frees the memory of pictures and plates once all passes have ended. A film may still read."""
        for channel in self._channels.values():
            channel.let_go()
        self._footage.let_go()

    def release(self, reader: str, names: Iterable[str]) -> None:
        """A pass or a film reads no more of these pictures."""
        for name in names:
            if name in self._channels:
                self._channels[name].remove_reader(reader)

    def _add_reader(self, picture: str, reader: str) -> None:
        if picture in self._channels:
            self._channels[picture].add_reader(reader)

    def _pause(self, channels: Sequence[Channel]) -> None:
        """Waits while the readers are behind; see `Channel`."""
        with self._work.changed:
            self._work.wait_until(
                lambda: (
                    any(channel.is_waited_for for channel in channels)
                    or not any(channel.may_pause for channel in channels)
                )
            )


@dataclass(frozen=True)
class _WaitingInputs:
    channels: dict[str, Channel]
    footage: SharedPlates
    reader: str

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        from stylize.diffusion.sizes import scaled

        channel = self.channels.get(name)
        if channel is not None:
            return scaled(channel.read(numbers, self.reader), size)
        return self.footage.frames(name, numbers, size)


class SharedPlates:
    """Plates for all passes: each size of a name is scaled once, and where passes lie close together, the plate
    itself is decoded once."""

    def __init__(self, inputs: Inputs, shares_plates: bool) -> None:
        self._inputs, self._shares_plates = inputs, shares_plates
        self._shared: dict[tuple[str, tuple[int, int] | None], SharedFootage] = {}
        self._adding = threading.Lock()

    def frames(self, name: str, numbers: Sequence[int], size: tuple[int, int] | None) -> Iterator[Pixels]:
        if size is None and not self._shares_plates:
            return self._inputs.frames(name, numbers)
        with self._adding:
            shared = self._shared_at(name, size)
        return shared.frames(numbers)

    def let_go(self) -> None:
        """Keeps no plate and no decoder any longer; whoever reads still has its own hold of them."""
        with self._adding:
            self._shared.clear()

    def _shared_at(self, name: str, size: tuple[int, int] | None) -> SharedFootage:
        """What gives the plates of that size. It knows the one that it reads, and nothing knows it in turn: in a
        circle, open files and plates would wait for Python's next search for circles."""
        from stylize.diffusion.sizes import scaled

        known = self._shared.get((name, size))
        if known is not None:
            return known
        inputs = self._inputs
        if size is None or not self._shares_plates:
            new = SharedFootage(lambda few: inputs.frames(name, few, size))
        else:
            whole = self._shared_at(name, None)
            new = SharedFootage(lambda few: scaled(whole.frames(few), size))
        self._shared[name, size] = new
        return new
