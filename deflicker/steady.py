"""Steadies a stylized film with the photographed one as its guide.

Frame t is drawn again by its neighbours in time, each carried to where t has it by the flow of the *source*:

    0  track       flow from t to t+k and the confidence in it, from the source frames       track.py
    A  colour      slow colour moves to the median over time, at quarter size                 colour.py
    B  sketch      fusion at half size: a first idea of where the lines belong                fuse.py
    C  shape       each drawing's lines move there                                            shape.py
    B  near        the mean of the aligned drawings that agree with their median              fuse.py
    B  far         the same once more, over far neighbours and the nearest, against drift     fuse.py
    D  finish      detail at full size; what did not flicker stays as it was drawn            finish.py

A frame that plainly does not flicker (calm.py, restlessness.py) stays as it was drawn: no step is run for it, and
no more frames are waited for than the few that tell.

All but the last works on a draft of at most `SteadySettings.guide_height` rows; at full size there is one fusion
more, of the near neighbours, which follows the draft in all that the draft can show. That bounds time and
memory at 4K. Every step at t reads the step before at t+k: so a frame depends on the frames within
`SteadySettings.lookaround` of it in its own shot, and on nothing else. In a stream each step runs once a
frame. Every result is a pure function of frames, kept while it is needed (window.py): a frame computed alone,
in a chunk, or in a stream is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from deflicker.arrays import Image
from deflicker.engine import Engine, OpenCVEngine
from deflicker.flow import Flow
from deflicker.registered import RegisteredDIS
from deflicker.settings import SteadySettings
from deflicker.window import Window


def steady(
    stylized: Iterable[Image],
    source: Iterable[Image],
    shots: Sequence[tuple[int, int]],
    settings: SteadySettings | None = None,
    flow: Flow | None = None,
    engine: Engine | None = None,
) -> Iterator[Image]:
    """Yields the steadied film: as many frames as come in, in their order.

    Shots are steadied apart: what one shows changes no bit of another. At most `lookaround` frames are read ahead,
    whatever the film's length. From a `Sequence` large drawings are read twice, and not held meanwhile.

    Args:
        stylized: the drawn frames, each (height, width, 3) float32 RGB in [0, 1].
        source: the photographed frames of the same moments and shape (any size per shot, if both agree).
        shots: half-open frame ranges (start, end) that follow one another from 0 to the film's end.
        settings: None for the defaults.
        flow: the optical flow of the source; None for `RegisteredDIS`.
        engine: where the drawings are fused; None for `OpenCVEngine`.

    Raises:
        ValueError: a frame that is no such array, two frames that differ in size, a film that ends before or
            after the other or the shots, or shots that leave a gap.
    """
    settings = settings or SteadySettings()
    _check_shots(shots)
    flow, engine = flow or RegisteredDIS(settings.guide_height), engine or OpenCVEngine()
    return _stream(stylized, iter(source), shots, settings, flow, engine)


def steady_part(
    stylized: Iterable[Image],
    source: Iterable[Image],
    given: range,
    wanted: range,
    settings: SteadySettings | None = None,
    flow: Flow | None = None,
    engine: Engine | None = None,
) -> Iterator[Image]:
    """Yields the frames `wanted` of one shot, bit for bit as `steady` does: one machine's chunk of the work.

    The frames around them are read but not steadied: each step runs only on those that `wanted` depends on.

    Args:
        stylized, source: the frames `given` of the shot, in order, each as for `steady`.
        given: every frame within `settings.lookaround` of a wanted one, as far as the shot has them.
        wanted: which of them to steady.

    Raises:
        ValueError: as for `steady`, or `wanted` lies outside `given`.
    """
    settings = settings or SteadySettings()
    if not wanted or wanted.start < given.start or wanted.stop > given.stop:
        raise ValueError(f"frames {wanted} were asked of {given}.")
    reread = _reader(stylized, given.start)
    window = Window(settings, flow or RegisteredDIS(settings.guide_height), engine or OpenCVEngine(), reread)
    return _steadied(window, iter(stylized), iter(source), given, wanted)


def steady_frame(
    stylized: Sequence[Image],
    source: Sequence[Image],
    at: int,
    settings: SteadySettings | None = None,
    flow: Flow | None = None,
    engine: Engine | None = None,
) -> Image:
    """The steadied frame `at`, computed alone: bit for bit what `steady` yields for it.

    Args:
        stylized, source: consecutive frames of *one shot*: at least those within `settings.lookaround` of
            the frame, as far as the shot has them. More change nothing.
        at: which of them is wanted, from 0.

    Raises:
        ValueError: as for `steady`, or no frame `at`.
    """
    settings = settings or SteadySettings()
    if len(stylized) != len(source):
        raise ValueError(f"there are {len(stylized)} stylized frames for {len(source)} source frames.")
    if not 0 <= at < len(stylized):
        raise ValueError(f"frame {at} was asked of {len(stylized)} frames.")
    given = range(max(0, at - settings.lookaround), min(len(stylized), at + settings.lookaround + 1))
    drawn, near = (stylized[n] for n in given), (source[n] for n in given)
    return next(steady_part(drawn, near, given, range(at, at + 1), settings, flow, engine))


def _stream(
    stylized: Iterable[Image],
    source: Iterator[Image],
    shots: Sequence[tuple[int, int]],
    settings: SteadySettings,
    flow: Flow,
    engine: Engine,
) -> Iterator[Image]:
    drawn = iter(stylized)
    for start, end in shots:
        window, shot = Window(settings, flow, engine, _reader(stylized, 0)), range(start, end)
        yield from _steadied(window, drawn, source, shot, shot)
    for name, frames in (("stylized", drawn), ("source", source)):
        if next(frames, None) is not None:
            last = shots[-1][1] - 1 if shots else -1
            raise ValueError(f"the {name} film goes on after frame {last}, the last of the shots.")


def _steadied(
    window: Window, stylized: Iterator[Image], source: Iterator[Image], given: range, wanted: range
) -> Iterator[Image]:
    """The frames `wanted` of one shot, of which those `given` come in; no more of them are read than are needed."""
    read = given.start
    for t in wanted:
        for ahead, is_enough in window.stages:
            while read < min(given.stop, t + ahead + 1):
                window.add_drawn(read, _next(stylized, "stylized", read, given.stop))
                window.add_source(read, _next(source, "source", read, given.stop))
                read += 1
            if is_enough(t):
                break
        yield window.steadied(t)
        window.forget(t)


def _reader(stylized: Iterable[Image], first: int) -> Callable[[int], Image] | None:
    """Gives a drawing once more by its number, where they can be had out of turn."""
    if not isinstance(stylized, Sequence):
        return None
    return lambda index: stylized[index - first]


def _next(frames: Iterator[Image], name: str, index: int, end: int) -> Image:
    frame = next(frames, None)
    if frame is None:
        raise ValueError(f"the {name} film ends after {index} frames; its shot goes on to {end}.")
    return frame


def _check_shots(shots: Sequence[tuple[int, int]]) -> None:
    expected = 0
    for start, end in shots:
        if start != expected or end <= start:
            raise ValueError(
                f"shots must follow one another from frame 0 without gaps: ({start}, {end}) stands where "
                f"a shot from {expected} on was expected."
            )
        expected = end
