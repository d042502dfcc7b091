"""Which frames of a shot a video model draws together, and how what it drew twice is brought together.

Windows are cut from the shot's first frame on and do not depend on which frames are asked for, so a film is the
same for any chunking and on any number of machines. A window's length is part of how its frames look; the last one
is therefore moved back rather than shortened. No window is given frames that another one drew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Windows:
    """The windows of a shot of `frames` frames.

    Attributes:
        frames: how many frames are drawn of the shot.
        length: frames of a window, as many as the model can draw together.
        overlap: frames that a window shares with the next one, less than `length`.
    """

    frames: int
    length: int
    overlap: int

    @property
    def stride(self) -> int:
        return self.length - self.overlap

    @property
    def starts(self) -> list[int]:
        """The first position of every window."""
        last = max(0, self.frames - self.length)
        return [*range(0, last, self.stride), last]

    def span(self, start: int) -> range:
        """The positions of the window that begins at `start`."""
        return range(start, min(start + self.length, self.frames))

    def covering(self, wanted: range) -> list[int]:
        """The starts of the windows in which some of these positions lie."""
        return [start for start in self.starts if start < wanted.stop and start + self.length > wanted.start]

    def weights(self, position: int) -> dict[int, float]:
        """The share that each window has in a position, by the windows' starts; they add up to 1.

        A window's share rises over the overlap from its first frame on, and falls towards its last one; the shot's
        own ends are no ends of that kind.
        """
        shares: dict[int, float] = {}
        for start in self.covering(range(position, position + 1)):
            rising = position - start + 1 if start > 0 else self.overlap + 1
            end = start + self.length
            falling = end - position if end < self.frames else self.overlap + 1
            shares[start] = float(min(rising, falling, self.overlap + 1))
        whole = sum(shares.values())
        return {start: share / whole for start, share in shares.items()}
