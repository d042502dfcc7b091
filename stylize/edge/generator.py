"""Draws frames from an export: `stylize.diffusion.generator` without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.noise import noise_for, sampler_seed
from stylize.diffusion.sizes import crop, pad_to_grid
from stylize.edge import sampling
from stylize.edge.engines import Engine
from stylize.edge.engines.base import open_engine
from stylize.edge.manifest import Manifest, check_files, read_manifest
from stylize.edge.networks import Networks
from stylize.edge.sampling import Prompt
from stylize.edge.tokens import tokenize
from stylize.footage.clip import Pixels, Shot

Array = NDArray[np.float32]


@dataclass
class EdgeGenerator:
    """An export that draws plates in one look, frame by frame."""

    config: ResolvedConfig
    folder: Path
    manifest: Manifest
    engine: Engine
    conditions: list[Condition]
    prompt: Prompt
    _networks: dict[tuple[int, int], Networks] = field(default_factory=dict)

    @classmethod
    def load(cls, config: ResolvedConfig) -> EdgeGenerator:
        """Opens the export that the look names and reads the prompt.

        Raises:
            ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
        """
        folder = Path(config.checkpoint)
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        engine = open_engine(config.device)
        # Annotators with weights of their own run on torch; the others need nothing.
        conditions = [
            make_condition(control.condition, "cpu", config.offline, config.annotators)
            for control in config.controls
        ]
        return cls(config, folder, manifest, engine, conditions, _read_prompt(config, manifest, engine))

    def with_config(self, config: ResolvedConfig) -> EdgeGenerator:
        return replace(self, config=config)

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws frames of one shot; see `stylize.diffusion.generator.Painter.draw`."""
        return [self._draw(plate, index, shot) for plate, index in zip(plates, indices, strict=True)]

    def _draw(self, plate: Pixels, index: int, shot: Shot) -> Pixels:
        height, width = plate.shape[:2]
        picture = self._to_model(plate)
        networks = self._for_size(picture.shape[2], picture.shape[3])
        latents = networks.encode(picture)
        noise = None
        if self.config.noise != "source":
            shape = (latents.shape[1], latents.shape[2], latents.shape[3])
            noise = np.empty_like(latents)  # in their order of memory
            noise[0] = noise_for(self.config.noise, self.config.seed, shot, index, shape)
        drawn = sampling.draw(
            networks,
            self.config.scheduler,
            latents,
            noise,
            self.prompt,
            [
                networks.hold(control, self._to_model(condition(plate)))
                for control, condition in zip(self.config.controls, self.conditions, strict=True)
            ],
            self.config.steps,
            self.config.strength,
            sampler_seed(self.config.seed, index),
        )
        pixels = networks.decode(drawn)[0].transpose(1, 2, 0)
        return crop(np.ascontiguousarray(pixels), (width, height))

    def _to_model(self, picture: Pixels) -> Array:
        """(H, W, 3) to (1, 3, H', W'), padded to the export's grid."""
        padded = pad_to_grid(picture, self.manifest.grid)
        return np.ascontiguousarray(padded.transpose(2, 0, 1)[None])

    def _for_size(self, height: int, width: int) -> Networks:
        if (height, width) not in self._networks:
            self._networks[height, width] = Networks(self.folder, self.manifest, self.engine, height, width)
        return self._networks[height, width]


def _read_prompt(config: ResolvedConfig, manifest: Manifest, engine: Engine) -> Prompt:
    folder = Path(config.checkpoint)
    part = manifest.parts["text_encoder"]
    session = engine.load(folder / part.model, [port.at(0, 0) for port in part.inputs])

    def embed(text: str) -> Array:
        return session.run([tokenize(folder, manifest, text)])[0].copy()

    guided = config.guidance > 1
    return Prompt(embed(config.prompt), embed(config.negative_prompt) if guided else None, config.guidance)
