"""The newest pictures of a name, kept in memory for passes that read close behind each other."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Generic, TypeVar

from numpy.typing import NDArray

Picture = TypeVar("Picture", bound=NDArray[Any])

KEPT_FRAMES = 32
"""So many are kept at most, however small they are, so that a long film takes no more memory than a short one.
Passes lie `LEAD` frames and what they look around apart; of 720p, 192 MiB hold 18 plates."""


class NewestPictures(Generic[Picture]):
    """Pictures by their numbers; the oldest give way to new ones.

    Args:
        most_bytes: what they take at most; the newest one is kept whatever it takes.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._pictures: OrderedDict[int, Picture] = OrderedDict()
        self._bytes = 0

    def put(self, number: int, picture: Picture) -> None:
        """Keeps one more picture; its number has not been put before."""
        self._pictures[number] = picture
        self._bytes += picture.nbytes
        while len(self._pictures) > 1 and (
            self._bytes > self._most_bytes or len(self._pictures) > KEPT_FRAMES
        ):
            self._bytes -= self._pictures.popitem(last=False)[1].nbytes

    def get(self, number: int) -> Picture | None:
        """The picture of that number; None where it is not kept."""
        return self._pictures.get(number)


def kept_bytes(count: int, size: tuple[int, int], pixel_bytes: int, most_bytes: int) -> int:
    """What the newest of so many pictures take at the peak, for a plan."""
    return min(most_bytes, min(count, KEPT_FRAMES) * size[0] * size[1] * pixel_bytes)
