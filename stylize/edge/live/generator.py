"""Draws frames with a live model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.finite import check_finite
from stylize.diffusion.sizes import crop, pad_to_grid
from stylize.diffusion.strength import depart
from stylize.edge.engines import open_engine
from stylize.edge.live.manifest import LiveManifest, Precision, check_live_file, read_live_manifest
from stylize.edge.live.sessions import PictureNetwork
from stylize.errors import ModelError
from stylize.footage.clip import Pixels, Shot
from stylize.system.machine import usable_cores


@dataclass
class LiveDrawer:
    """A loaded live model. It draws each picture by itself and without noise: the same picture gives the same
    drawing, whatever came before."""

    manifest: LiveManifest
    network: PictureNetwork

    @classmethod
    def load(cls, folder: Path, precision: Precision, engine: str, threads: int | None = None) -> LiveDrawer:
        """Reads the manifest and compares the file's digest with it.

        Args:
            engine: one of `stylize.edge.engines.ENGINES`.
            threads: of the processor; by default as many as there are cores.

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
        return cls(manifest, PictureNetwork(check_live_file(folder, file), open_engine(engine), threads))

    def draw(self, picture: Pixels) -> Pixels:
        """The drawing of a picture of any size, both (H, W, 3) float32 RGB in [0, 1]."""
        height, width = picture.shape[:2]
        return crop(self.network.run(pad_to_grid(picture, self.manifest.grid)), (width, height))


@dataclass(frozen=True)
class LiveGenerator:
    """A live model as the generator of a film: see `stylize.generators.base.FrameGenerator`."""

    config: ResolvedConfig
    drawer: LiveDrawer

    @classmethod
    def load(cls, config: ResolvedConfig) -> LiveGenerator:
        """Loads the live model that the config names. It draws on half of the cores: a film's other passes need
        as much, and one thread of two wastes a seventh of its time on waiting for the other.

        Raises:
            ModelError, MissingPart: what is missing or does not fit, and where.
        """
        precision, half = cast(Precision, config.precision), max(1, usable_cores() // 2)
        return cls(config, LiveDrawer.load(Path(config.checkpoint), precision, config.device, half))

    def with_config(self, config: ResolvedConfig) -> LiveGenerator:
        return replace(self, config=config)

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws frames; each depends on its plate alone."""
        return [self._draw(plate, index) for plate, index in zip(plates, indices, strict=True)]

    def _draw(self, plate: Pixels, index: int) -> Pixels:
        drawn = self.drawer.draw(plate)
        check_finite(drawn, index, self.config.checkpoint, "use --precision fp32, or draw without --model")
        return depart(plate, drawn, self.config)
