"""Footage that several passes read at about the same time, each frame decoded and scaled once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from stylize.footage.clip import Pixels
from stylize.passes.newest import NewestPictures

KEPT_BYTES = 192 << 20
"""The newest frames are kept up to this size; a pass that lags farther behind decodes for itself."""


class SharedFootage:
    """Frames of one name at one size.

    Whoever is foremost decodes, and those behind it are given what it decoded. Frames are shared: they cannot be
    written to.

    Args:
        read: gives frames of ascending numbers.
    """

    def __init__(self, read: Callable[[Sequence[int]], Iterator[Pixels]]) -> None:
        self._read = read
        self._decoding = threading.Lock()
        self._newest: NewestPictures[Pixels] = NewestPictures(KEPT_BYTES)
        self._decoder: Iterator[tuple[int, Pixels]] = iter(())
        self._promised: frozenset[int] = frozenset()
        """The frames that the decoder gives."""
        self._end = self._last = -1

    def frames(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        """The frames of these ascending numbers."""
        own: Iterator[Pixels] | None = None
        for place, number in enumerate(numbers):
            if own is None:
                picture = self._shared(number, numbers[place:])
                if picture is not None:
                    yield picture
                    continue
                own = self._read(numbers[place:])
            yield next(own)

    def _shared(self, number: int, rest: Sequence[int]) -> Pixels | None:
        """A frame that lies here or is still to be decoded; None of one that was passed over or dropped."""
        kept = self._newest.get(number)
        if kept is not None:
            return kept
        with self._decoding:
            if number <= self._last:
                return self._newest.get(number)
            if number not in self._promised:
                self._promised, self._decoder = frozenset(rest), zip(rest, self._read(rest), strict=True)
                self._end = rest[-1]
            for at, picture in self._decoder:
                self._keep(at, picture)
                if at == self._end:
                    self._decoder = iter(())  # its file is closed
                if at == number:
                    return picture
        raise AssertionError(f"frame {number} was promised and did not come")

    def _keep(self, number: int, picture: Pixels) -> None:
        picture.flags.writeable = False
        self._newest.put(number, picture)
        self._last = number
