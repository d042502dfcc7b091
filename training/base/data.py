"""Batches of photo, drawing and caption, cut from prepared pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import UsageError
from training.base import real
from training.base.rendered import LISTING
from training.base.scenes.attributes import Attributes
from training.base.scenes.develop import finish_palette

Picture = NDArray[np.float32]
INK = {"thin": 0.6, "medium": 1.0, "thick": 1.0}


@dataclass(frozen=True)
class Sample:
    """A photograph and its drawing, (size, size, 3) float32 RGB in [0, 1], and what the drawing is called."""

    photo: Picture
    drawn: Picture
    caption: str


@dataclass(frozen=True)
class Rendered:
    """The renderer's pairs, prepared on disk: photo beside drawing in one picture, and the captions."""

    pairs: list[NDArray[np.uint8]]
    captions: list[str]

    @classmethod
    def load(cls, folder: Path) -> Rendered:
        listing = folder / LISTING
        if not listing.exists():
            raise UsageError(
                "There are no prepared pairs here.", where=folder, hint="stylize train pairs rendered"
            )
        captions = json.loads(listing.read_text())
        names = sorted(captions)
        return cls(
            [real.read_rgb(folder / name) for name in names],
            [captions[name] for name in names],
        )

    def sample(self, rng: np.random.Generator, size: int) -> Sample:
        which = int(rng.integers(len(self.pairs)))
        pair = self.pairs[which]
        photo, drawn = np.split(pair, 2, axis=1)
        photo, drawn = _crop([photo, drawn], rng, size)
        return Sample(_unit(photo), _unit(drawn), self.captions[which])


@dataclass(frozen=True)
class Real:
    """Real frames with their classical drawings; palette and line weight are varied as crops are cut."""

    pairs: list[NDArray[np.uint8]]

    @classmethod
    def load(cls, folder: Path) -> Real:
        pairs = real.load(folder)
        if not pairs:
            raise UsageError(
                "There are no prepared pairs here.", where=folder, hint="stylize train pairs real"
            )
        return cls(pairs)

    def sample(self, rng: np.random.Generator, size: int) -> Sample:
        stack = self.pairs[int(rng.integers(len(self.pairs)))]
        photo, paint, paper = _crop(list(stack), rng, size)
        look = replace(Attributes.draw(rng), tones="two")
        painted = finish_palette(_unit(paint), look.palette)
        ink = 0.9 * INK[look.lines] * (1 - _weigh(_unit(paper), look.lines))
        return Sample(_like_a_camera(_unit(photo), rng), painted * (1 - ink), look.caption())


Sources = tuple[Rendered, Real]


def sample(sources: Sources, real_share: float, size: int, rng: np.random.Generator) -> Sample:
    """One sample, from a real frame by the chance `real_share`; plain looks are often just called "anime"."""
    rendered, frames = sources
    drawn = (frames if rng.random() < real_share else rendered).sample(rng, size)
    plain = "neutral palette, medium lines" in drawn.caption
    return replace(drawn, caption="anime") if plain and rng.random() < 0.5 else drawn


def batch(
    sources: Sources,
    real_share: float,
    size: int,
    seeds: Sequence[tuple[int, ...]],
    pool: Executor | None = None,
) -> list[Sample]:
    """A sample for every seed; each depends on its own alone, so a pool of threads gives the same batch."""

    def one(seed: tuple[int, ...]) -> Sample:
        return sample(sources, real_share, size, np.random.default_rng(seed))

    return list(pool.map(one, seeds) if pool else map(one, seeds))


def _crop(pictures: list[NDArray[np.uint8]], rng: np.random.Generator, size: int) -> list[NDArray[np.uint8]]:
    height, width = pictures[0].shape[:2]
    y, x = int(rng.integers(height - size + 1)), int(rng.integers(width - size + 1))
    step = -1 if rng.random() < 0.5 else 1
    return [p[y : y + size, x : x + size][:, ::step] for p in pictures]


def _weigh(paper: Picture, lines: str) -> Picture:
    if lines != "thick":
        return paper
    return np.asarray(cv2.erode(paper, np.ones((2, 2), np.uint8)), np.float32)


def _like_a_camera(photo: Picture, rng: np.random.Generator) -> Picture:
    """What cameras and codecs add and a drawing should not show: softness, noise, blocks."""
    if rng.random() < 0.3:
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), float(rng.uniform(0.3, 0.9))), np.float32)
    if rng.random() < 0.6:
        photo = photo + rng.normal(0, rng.uniform(0.003, 0.03), photo.shape).astype(np.float32)
    if rng.random() < 0.4:
        quality = int(rng.integers(35, 90))
        coded = cv2.imencode(".jpg", (np.clip(photo, 0, 1) * 255).astype(np.uint8), [1, quality])[1]
        decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
        photo = _unit(decoded)
    return np.clip(photo, 0, 1, dtype=np.float32)


def _unit(picture: NDArray[np.uint8]) -> Picture:
    return np.divide(picture, 255, dtype=np.float32)
