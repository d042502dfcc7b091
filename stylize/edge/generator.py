"""Draws frames from an export: `stylize.diffusion.generator` without torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.conditioning import Conditioning, PromptEmbeddings
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.finite import check_finite
from stylize.diffusion.noise import noise_for, sampler_seed
from stylize.diffusion.sizes import crop, pad_to_grid, padded_size
from stylize.diffusion.strength import depart
from stylize.edge import sampling
from stylize.edge.engines import Engine, open_engine
from stylize.edge.kept_networks import KeptNetworks
from stylize.edge.manifest import Manifest, check_files, read_manifest, size_of
from stylize.edge.networks import EdgeConditioning, Networks
from stylize.edge.tokens import tokenize
from stylize.footage.clip import Pixels, Shot
from stylize.system.machine import usable_cores

MOST_AT_ONCE = 4
SMALL_BYTES = 64 << 20
ALL_CORES = -1

Array = NDArray[np.float32]


@dataclass
class EdgeGenerator:
    """A loaded export, which draws plates as a config says: one with all cores, several at the same time."""

    config: ResolvedConfig
    folder: Path
    manifest: Manifest
    engine: Engine
    conditions: list[Condition]
    prompt: PromptEmbeddings[Array]
    _networks: KeptNetworks = field(default_factory=KeptNetworks)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a frame is drawn: the threads of several passes take turns, also with another config."""

    @classmethod
    def load(cls, config: ResolvedConfig) -> EdgeGenerator:
        """Loads the export that the config names and embeds the prompt.

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
        """The same export with another config that needs no other weights: another seed, say."""
        return replace(self, config=config)

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]:
        """Draws frames of one shot; see `stylize.diffusion.generator.DiffusionGenerator.draw`."""
        pairs = list(zip(plates, indices, strict=True))
        with self._turn:
            if len(pairs) == 1 or self.at_once == 1:
                return [self._draw(plate, index, shot, ALL_CORES) for plate, index in pairs]
            with ThreadPoolExecutor(self.at_once) as pool:
                lanes = [
                    pool.submit(self._draw_in_lane, pairs[lane :: self.at_once], shot, lane)
                    for lane in range(min(self.at_once, len(pairs)))
                ]
            return [
                lanes[place % self.at_once].result()[place // self.at_once] for place in range(len(pairs))
            ]

    def load_sizes(self, sizes: Sequence[tuple[int, int]]) -> None:
        """Loads what draws single frames of these sizes, (width, height) px, all at the same time."""
        if not self._is_small:
            return  # loaded one after another, when they are needed: memory counts for more
        padded = {padded_size(width, height, self.manifest.grid) for width, height in sizes}
        with self._turn, ThreadPoolExecutor(len(padded)) as pool:
            list(pool.map(lambda size: self._for_size(size[1], size[0], ALL_CORES), padded))

    @cached_property
    def at_once(self) -> int:
        """How many frames are drawn at the same time: see `frames_at_once`."""
        return frames_at_once(self.config, self.folder, self.manifest, usable_cores())

    @cached_property
    def _is_small(self) -> bool:
        return _has_small_networks(self.folder, self.manifest)

    def _draw_in_lane(self, pairs: Sequence[tuple[Pixels, int]], shot: Shot, lane: int) -> list[Pixels]:
        return [self._draw(plate, index, shot, lane) for plate, index in pairs]

    def _draw(self, plate: Pixels, index: int, shot: Shot, lane: int) -> Pixels:
        height, width = plate.shape[:2]
        picture = self._to_model(plate)
        networks = self._for_size(picture.shape[2], picture.shape[3], lane)
        latents = networks.encode(picture)
        noise = None
        if self.config.noise != "source":
            shape = (latents.shape[1], latents.shape[2], latents.shape[3])
            noise = np.empty_like(latents)  # in the same memory layout
            noise[0] = noise_for(self.config.noise, self.config.seed, shot, index, shape)
        drawn = sampling.draw(
            networks,
            self.config,
            latents,
            noise,
            self._conditioning(networks, plate),
            sampler_seed(self.config.seed, index),
        )
        pixels = networks.decode(drawn)[0].transpose(1, 2, 0)
        check_finite(pixels, index, self.config.checkpoint, "draw with torch: --runtime torch")
        return depart(plate, crop(np.ascontiguousarray(pixels), (width, height)), self.config)

    def _conditioning(self, networks: Networks, plate: Pixels) -> EdgeConditioning:
        controlnets = tuple(
            networks.prepare_controlnet(control, self._to_model(condition(plate)))
            for control, condition in zip(self.config.controls, self.conditions, strict=True)
        )
        return Conditioning(self.prompt, controlnets)

    def _to_model(self, picture: Pixels) -> Array:
        """(H, W, 3) to (1, 3, H', W'), padded to the export's grid."""
        padded = pad_to_grid(picture, self.manifest.grid)
        return np.ascontiguousarray(padded.transpose(2, 0, 1)[None])

    def _for_size(self, height: int, width: int, lane: int) -> Networks:
        """A lane's networks; `ALL_CORES` is the lane of frames that are drawn alone."""

        def load() -> Networks:
            threads = None if lane == ALL_CORES else max(1, usable_cores() // self.at_once)
            networks = Networks(self.folder, self.manifest, self.engine, height, width, threads)
            if self._is_small and lane == ALL_CORES:  # the lanes load side by side as it is
                networks.load_together(self.config.controls)
            return networks

        return self._networks.get((height, width), lane, load)


def frames_at_once(config: ResolvedConfig, folder: Path, manifest: Manifest, cores: int) -> int:
    """How many frames an export draws at the same time, each by its share of the cores: that takes a fifth less of
    their time than all cores on one frame after another. Large networks would take too much memory, and annotators
    of controlnet-aux belong to one thread."""
    annotated = any(control.condition not in ("tile", "canny") for control in config.controls)
    return min(cores, MOST_AT_ONCE) if _has_small_networks(folder, manifest) and not annotated else 1


def _has_small_networks(folder: Path, manifest: Manifest) -> bool:
    """Whether the memory of several of its networks is no matter."""
    return sum(size_of(folder, part) for part in manifest.parts.values()) <= SMALL_BYTES


def _read_prompt(config: ResolvedConfig, manifest: Manifest, engine: Engine) -> PromptEmbeddings[Array]:
    """Embeds the config's prompt, and its negative prompt if guidance is on."""
    folder = Path(config.checkpoint)
    part = manifest.parts["text_encoder"]
    session = engine.load(folder / part.model, [port.at(0, 0) for port in part.inputs])

    def embed(text: str) -> Array:
        return session.run([tokenize(folder, manifest, text)])[0].copy()

    guided = config.guidance > 1
    uncond = embed(config.negative_prompt) if guided else None
    return PromptEmbeddings(embed(config.prompt), uncond, config.guidance)
