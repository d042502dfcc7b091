"""A clip keyed into films: the foreground with its alpha, the matte alone, or both in one go."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deflicker.prefetch import prefetch
from stylize import footage
from stylize.comp.mattes.output import AlphaOutput, foreground_pixels
from stylize.comp.mattes.source import EMPTY, MatteChoice, empty_matte, make_source
from stylize.errors import Interrupted, UsageError
from stylize.events import FrameDone, Listener, Note, PassFinished, PassStarted, silent
from stylize.footage.clip import Clip, Frame, Pixels, Shot
from stylize.footage.outputs import check_outputs
from stylize.system.machine import cores_shared

if TYPE_CHECKING:
    from compositing.matte import Keyed

THREADS = 2
"""Threads that compute most of the time: one drafts the next frame while another finishes this one."""
AHEAD = 2
"""Frames that may wait for the second film's writer."""


def key_film(
    clip: Clip,
    shots: Sequence[Shot],
    choice: MatteChoice,
    *,
    foreground: AlphaOutput | None = None,
    matte: AlphaOutput | None = None,
    overwrite: bool = False,
    listen: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Keys the shots, in order and without gaps, and writes the films: each appears only when it is whole.

    A stream: a few frames are held at a time, besides the samples of one shot.

    Args:
        stop: asked between frames.

    Raises:
        StylizeError: what went wrong; neither film is written then.
    """
    outputs = [each for each in (foreground, matte) if each is not None]
    if not outputs:
        raise UsageError("There is nothing to write.", hint="give -o FOREGROUND, --matte-out MATTE, or both")
    span = range(shots[0].start, shots[-1].end)
    check_outputs([each.path for each in outputs], _files_read(clip, choice))
    for each in outputs:
        footage.check_film(
            each.path,
            clip,
            format=each.format,
            start=span.start,
            end=span.stop,
            audio=False,
            overwrite=overwrite,
        )
    for note in clip.notes:
        listen(Note(note))
    began = time.perf_counter()
    listen(PassStarted("key", len(span)))
    keyed = keyed_frames(clip, shots, choice, listen, stop)
    common: dict[str, Any] = {"start": span.start, "end": span.stop, "audio": False, "overwrite": overwrite}

    def write(output: AlphaOutput, frames: Iterable[tuple[int, Keyed]]) -> None:
        form = _matte if output is matte else _foreground
        target = replace(clip, colour=replace(clip.colour, transfer="linear")) if output is matte else clip
        pictures = (Frame(index, clip.pts_of(index), form(each, output)) for index, each in frames)
        footage.write_film(
            pictures,
            output.path,
            target if output.format == "exr" else clip,
            format=output.format,
            straight=output.is_straight,
            listen=listen,
            **common,
        )

    with cores_shared(THREADS):
        if len(outputs) == 1:
            write(outputs[0], keyed)
        else:
            with Branch(lambda frames: write(outputs[1], frames)) as branch:
                write(outputs[0], branch.passing(keyed))
    listen(PassFinished("key", time.perf_counter() - began))


def _files_read(clip: Clip, choice: MatteChoice) -> list[Path]:
    mattes = Path(choice.source)
    given = list(mattes.iterdir()) if mattes.is_dir() else [mattes]
    return [clip.path, *footage.source_files(clip), *given]


def keyed_frames(
    clip: Clip,
    shots: Sequence[Shot],
    choice: MatteChoice,
    listen: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, Keyed]]:
    """Every frame's number and what was cut out of it.

    Raises:
        FootageError: a shot's matte is empty in all its frames.
        Interrupted: `stop` answered True.
    """
    for shot in shots:
        source = make_source(choice, clip, shot, listen)
        plates = (frame.pixels for frame in footage.read_frames(clip, shot.start, shot.end))
        most = 0.0
        for index, keyed in enumerate(prefetch(source.key(plates)), start=shot.start):
            most = max(most, float(keyed.alpha.mean()))
            yield index, keyed
            listen(FrameDone("key", index))
            if stop():
                raise Interrupted("Stopped; nothing was written.")
        if most < EMPTY:
            raise empty_matte(clip, shot)


def _foreground(keyed: Keyed, output: AlphaOutput) -> Pixels:
    """A kept shadow is black in it."""
    return foreground_pixels(keyed.premult, keyed.cover, output)


def _matte(keyed: Keyed, output: AlphaOutput) -> Pixels:
    """Alpha as grey: one channel for stills, three for films. A kept shadow is no part of it."""
    if output.format in ("png", "png16", "exr"):
        return keyed.alpha[..., None]
    return np.repeat(keyed.alpha[..., None], 3, axis=2)


class Branch:
    """A second consumer of a stream, in a thread of its own, never more than a few items behind."""

    def __init__(self, consume: Callable[[Iterator[Any]], None]) -> None:
        self._queue: queue.Queue[Any] = queue.Queue(AHEAD)
        self._failed: BaseException | None = None
        self._broken = False
        self._thread = threading.Thread(target=self._run, args=(consume,), daemon=True)

    def __enter__(self) -> Branch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._broken = error is not None
        self._put(_END)
        self._thread.join()
        if error is None and self._failed is not None:
            raise self._failed

    def passing(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items, each also given to the second consumer."""
        for item in items:
            self._put(item)
            if self._failed is not None:
                raise self._failed
            yield item

    def _put(self, item: Any) -> None:
        while self._thread.is_alive():
            try:
                self._queue.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def _run(self, consume: Callable[[Iterator[Any]], None]) -> None:
        try:
            consume(self._items())
        except BaseException as error:
            self._failed = error

    def _items(self) -> Iterator[Any]:
        while True:
            item = self._queue.get()
            if item is _END:
                if self._broken:
                    raise Interrupted("The other film could not be written.")
                return
            yield item


_END = object()
