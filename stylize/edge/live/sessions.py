"""A network from picture to picture, loaded once for every size that it meets."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stylize.edge.engines import Engine
from stylize.edge.engines.base import Session
from stylize.footage.clip import Pixels

MAX_SIZES = 4
"""Networks are compiled for a size of picture; this many are kept."""


@dataclass
class PictureNetwork:
    """An exported network that takes one picture and gives one."""

    file: Path
    engine: Engine
    threads: int | None = None
    """That compute; None: one for each core."""
    _sessions: dict[tuple[int, ...], Session] = field(default_factory=dict, repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a picture is drawn: threads take turns."""

    def run(self, picture: Pixels) -> Pixels:
        """The picture that it gives, (H', W', 3) in [0, 1], of one that it takes, (H, W, planes) float32."""
        planes = picture.transpose(2, 0, 1)[None]  # the engine wants this memory layout
        with self._turn:
            drawn = self._for_shape(planes.shape).run([planes])[0][0]
            return np.clip(drawn.transpose(1, 2, 0), 0, 1)  # a copy: the next run writes over the drawing

    def _for_shape(self, shape: tuple[int, ...]) -> Session:
        session = self._sessions.pop(shape, None)
        if session is None:
            if len(self._sessions) == MAX_SIZES:
                self._sessions.pop(next(iter(self._sessions)))
            session = self.engine.load(self.file, [shape], self.threads)
        self._sessions[shape] = session  # as the newest: those that were not used for longest make room
        return session
