"""What is kept of each frame of a window, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from deflicker.schedule import Schedule

Value = TypeVar("Value")
Step = Callable[[Any, int], Value]
"""step(owner, frame): what a step makes of a frame. A pure function of the frames."""


class FrameCache(dict[int, Value]):
    """One value a frame, kept while later frames need it.

    Args:
        oldest: the oldest frame that is still needed, counted from the next frame that will be finished: -2 keeps
            two frames behind it, 3 keeps nothing before the third frame ahead of it.
    """

    def __init__(self, oldest: int) -> None:
        super().__init__()
        self._oldest = oldest

    def forget(self, finished: int) -> None:
        """Drops what no frame after `finished` needs, if frames are finished in their order."""
        self.drop(finished + 1 + self._oldest)

    def drop(self, before: int) -> None:
        """Drops the frames before that one."""
        for frame in [frame for frame in self if frame < before]:
            del self[frame]


class CachedSteps:
    """A base of what computes frames in steps; `cached` marks the steps whose results are kept.

    Dropping a result costs time and changes no bit, since it can be computed again.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._caches: dict[str, FrameCache[Any]] = {}

    def cache(self, name: str, oldest: int) -> FrameCache[Any]:
        """The cache of that name, which `forget` keeps small; `oldest` as for `FrameCache`."""
        if name not in self._caches:
            self._caches[name] = FrameCache(oldest)
        return self._caches[name]

    def forget(self, finished: int) -> None:
        """Drops what no frame after `finished` needs, if frames are finished in their order."""
        for cache in self._caches.values():
            cache.forget(finished)

    def drop(self, before: int) -> None:
        """Drops all that was kept of the frames before that one."""
        for cache in self._caches.values():
            cache.drop(before)


def cached(oldest: Callable[[Schedule], int]) -> Callable[[Step[Value]], Step[Value]]:
    """A step that computes each frame once.

    Args:
        oldest: by the schedule, the oldest frame whose result is still needed; as for `FrameCache`.
    """

    def decorate(step: Step[Value]) -> Step[Value]:
        @wraps(step)
        def once(owner: CachedSteps, frame: int) -> Value:
            results = owner.cache(step.__name__, oldest(owner._schedule))
            if frame not in results:
                results[frame] = step(owner, frame)
            value: Value = results[frame]
            return value

        return once

    return decorate
