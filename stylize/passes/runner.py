"""The one worker: makes these frames of this pass, whoever asks, the local runner, a cluster or a render farm.

It is idempotent: frames that lie in the store are left alone, and those it makes are committed one by one. What it
reads of other passes must lie there already; where it begins or ends changes no pixel.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from stylize.errors import NotReady
from stylize.footage.clip import Shot
from stylize.jobs.job import Part
from stylize.passes.base import Pass, Reading, ReportsNotes, reach


def make(part: Part, step: Pass, numbers: Iterable[int]) -> Iterator[int]:
    """Makes those of the frames that are missing, and yields the number of each once it is committed.

    Args:
        part: what the pass is a step of.
        step: one of the part's steps; what it loads stays loaded, so close it when it is no longer needed.
        numbers: frames that the pass owes; those that it does not owe are left out.

    Raises:
        NotReady: a frame of another pass, from which these are made, is missing.
        StylizeError: what went wrong; the frames yielded are kept.
    """
    store, owed = part.store(step.name), part.frames_of(step.name)
    inputs = part.inputs()
    asked = set(numbers)
    missing = store.missing(number for number in owed if number in asked)
    for shot, wanted in stretches(owed, missing, part.shots):
        check_inputs(part, step, shot, wanted)
        for number, pixels in step.render(shot, wanted, inputs):
            if isinstance(step, ReportsNotes) and (note := step.told(number)) is not None:
                store.write_note(number, note)
            store.write(number, pixels)
            yield number


def check_inputs(part: Part, step: Pass, shot: Sequence[int], wanted: range) -> None:
    """Sees that everything lies there that a stretch is made from.

    Raises:
        NotReady: something does not.
    """
    for name, numbers in reads(part, step, shot, wanted).items():
        missing = part.store(name).missing(numbers)
        if missing:
            raise NotReady(step.name, name, missing)


def reads(part: Part, step: Pass, shot: Sequence[int], wanted: range) -> dict[str, list[int]]:
    """The frames of other passes that are read to make `wanted` of a shot, by the name of the pass."""
    near = reach(shot, wanted, step.lookaround)
    by_default = dict.fromkeys(step.needs, shot[near.start : near.stop])
    numbers = step.reads(shot, wanted) if isinstance(step, Reading) else by_default
    if step.sees_plate:  # in a comp the plate is the subject, keyed
        numbers = {"subject": shot[near.start : near.stop], **numbers}
    given = {each.name for each in part.steps}
    return {
        name: sorted({part.shown(name, number) for number in these})
        for name, these in numbers.items()
        if name in given
    }


def stretches(
    owed: Sequence[int], missing: Sequence[int], shots: Sequence[Shot]
) -> Iterator[tuple[Sequence[int], range]]:
    """The frames that a pass owes of each shot, with runs of missing ones among them as positions."""
    lacking = set(missing)
    for shot in shots:
        frames = frames_in(owed, shot)
        places = [place for place, number in enumerate(frames) if number in lacking]
        for _, run_of in itertools.groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
            run = [place for _, place in run_of]
            yield frames, range(run[0], run[-1] + 1)


def frames_in(owed: Sequence[int], shot: Shot) -> Sequence[int]:
    """Those of ascending frames that lie in a shot."""
    return owed[bisect_left(owed, shot.start) : bisect_left(owed, shot.end)]
