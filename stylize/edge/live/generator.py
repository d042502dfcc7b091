"""Draws frames with a live model."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.sizes import crop, pad_to_grid
from stylize.edge.engines import Engine, open_engine
from stylize.edge.engines.base import Session
from stylize.edge.live.manifest import LiveManifest, Precision, check_live_file, read_live_manifest
from stylize.errors import ModelError
from stylize.footage.clip import Pixels, Shot

MAX_SIZES = 4
"""Networks are compiled for a size of picture; this many are kept."""


@dataclass
class LiveDrawer:
    """A loaded live model. It draws each picture by itself and without noise: the same picture gives the same
    drawing, whatever came before."""

    manifest: LiveManifest
    file: Path
    engine: Engine
    _sessions: dict[tuple[int, int], Session] = field(default_factory=dict, repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a picture is drawn: threads take turns."""

    @classmethod
    def load(cls, folder: Path, precision: Precision, engine: str) -> LiveDrawer:
        """Reads the manifest and compares the file's digest with it.

        Args:
            engine: one of `stylize.edge.engines.ENGINES`.

        Raises:
            ModelError: a file is missing or is another, or the model has none of that precision.
            MissingPart: the engine is not installed.
        """
        manifest = read_live_manifest(folder)
        file = manifest.files.get(precision)
        if file is None:
            raise ModelError(
                f"This live model has no {precision} network: it has {', '.join(manifest.files)}.",
                where=folder,
                hint="choose another --precision",
            )
        return cls(manifest, check_live_file(folder, file), open_engine(engine))

    def draw(self, picture: Pixels) -> Pixels:
        """The drawing of a picture of any size, both (H, W, 3) float32 RGB in [0, 1]."""
        height, width = picture.shape[:2]
        padded = pad_to_grid(picture, self.manifest.grid)
        with self._turn:
            session = self._for_size(padded.shape[0], padded.shape[1])
            planes = padded.transpose(2, 0, 1)[None]  # the engine wants this memory layout
            drawn = session.run([planes])[0][0]
            return crop(np.clip(drawn.transpose(1, 2, 0), 0, 1), (width, height))

    def _for_size(self, height: int, width: int) -> Session:
        if (height, width) not in self._sessions:
            if len(self._sessions) == MAX_SIZES:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[height, width] = self.engine.load(self.file, [(1, 3, height, width)])
        return self._sessions[height, width]


@dataclass(frozen=True)
class LiveGenerator:
    """A live model as the generator of a film: see `stylize.generators.base.FrameGenerator`."""

    config: ResolvedConfig
    drawer: LiveDrawer

    @classmethod
    def load(cls, config: ResolvedConfig) -> LiveGenerator:
        """Loads the live model that the config names.

        Raises:
            ModelError, MissingPart: what is missing or does not fit, and where.
        """
        precision = cast(Precision, config.precision)
        return cls(config, LiveDrawer.load(Path(config.checkpoint), precision, config.device))

    def with_config(self, config: ResolvedConfig) -> LiveGenerator:
        return replace(self, config=config)

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws frames; each depends on its plate alone."""
        return [self.drawer.draw(plate) for plate in plates]
