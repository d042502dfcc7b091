"""Crops of pairs: which pair, which part of it, at which scale, in which light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deflicker.flow import DIS
from deflicker.metrics import visible
from stylize.errors import UsageError
from training.base.sensor import simulate_sensor
from training.live.pairs import Levels, LivePair, read_pair
from training.live.prepare import RENDERED, TAUGHT
from training.live.recipe import LiveRecipe
from training.live.sheet import write_live_sheet

TRIES = 6
"""Places that are looked at for a crop whose drawing is known."""
TEMPORAL_EVERY = 3
"""One in this many crops is followed by the same crop of the frame after it."""
Picture = NDArray[np.float32]


@dataclass(frozen=True)
class LiveBatch:
    """Crops and their drawings; the frames after the first `len(after)` of them, and the motion in between.

    Attributes:
        frame, drawn: (N, 3, S, S) in [0, 1].
        after: (M, 3, S, S), M at most N.
        flow: (M, S, S, 2), where each point of `frame` lies in `after`: px, right and down.
        seen: (M, 1, S, S), 1 where a point is seen in both.
    """

    frame: Tensor
    drawn: Tensor
    after: Tensor
    flow: Tensor
    seen: Tensor


class PairSet:
    """All pairs of a training, in memory; each crop depends on the seed and the step alone."""

    def __init__(self, folder: Path) -> None:
        self.taught = _read_all(folder / TAUGHT)
        self.rendered = _read_all(folder / RENDERED)
        if not self.taught and not self.rendered:
            raise UsageError("There are no pairs to train on.", where=folder)

    @property
    def count(self) -> int:
        return len(self.taught) + len(self.rendered)

    def batch(self, recipe: LiveRecipe, step: int) -> LiveBatch:
        """The crops of one step."""
        rng = np.random.default_rng((recipe.seed, step))
        moving = recipe.batch // TEMPORAL_EVERY
        cuts = [self._cut(recipe, rng) for _ in range(recipe.batch)]
        frame, after, drawn = (torch.stack([_tensor(cut[plane]) for cut in cuts]) for plane in range(3))
        fields = [_motion(cut[0], cut[1]) for cut in cuts[:moving]]
        flow = torch.stack([torch.from_numpy(field) for field, _ in fields])
        seen = torch.stack([torch.from_numpy(mask)[None].float() for _, mask in fields])
        noise = torch.Generator().manual_seed(int(rng.integers(2**62)))
        # Both frames are recorded by the same camera, each with its own grain.
        filmed = simulate_sensor(torch.cat([frame, after[:moving]]), rng, noise)
        return LiveBatch(filmed[: recipe.batch], drawn, filmed[recipe.batch :], flow, seen)

    def write_sheet(self, network: nn.Module, out: Path) -> None:
        write_live_sheet(network, self.taught, self.rendered, out)

    def _cut(self, recipe: LiveRecipe, rng: np.random.Generator) -> tuple[Picture, Picture, Picture]:
        pools = [pool for pool in (self.rendered, self.taught) if pool]
        rendered = len(pools) > 1 and rng.random() < recipe.rendered_share
        pool = pools[0] if rendered else pools[-1]
        pair = pool[int(rng.integers(len(pool)))]
        return cut_crop(pair, recipe.crop, float(rng.uniform(recipe.smallest, recipe.largest)), rng)


def cut_crop(
    pair: LivePair, side: int, scale: float, rng: np.random.Generator, known: Levels | None = None
) -> tuple[Picture, Picture, Picture]:
    """The same part of a pair's pictures at a scale, each (side, side, 3) in [0, 1]; half of the time mirrored,
    and in another exposure, white balance and saturation, frame and drawing alike.

    Args:
        known: how far the drawing is to be believed, (H, W) uint8: of a few places the best known one is taken.
    """
    height, width = pair.frame.shape[:2]
    scale = max(scale, side / min(height, width))
    taken = min(round(side / scale), height, width)
    y, x = _place(height, width, taken, rng)
    if known is not None:
        tried = [(y, x), *(_place(height, width, taken, rng) for _ in range(TRIES - 1))]
        y, x = max(tried, key=lambda at: float(known[at[0] : at[0] + taken, at[1] : at[1] + taken].mean()))
    flip = rng.random() < 0.5
    gamma, saturation = np.exp(rng.normal(0, 0.15)), np.exp(rng.normal(0, 0.15))
    gain = np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
    how = cv2.INTER_AREA if taken > side else cv2.INTER_CUBIC

    def cut(levels: NDArray[np.uint8]) -> Picture:
        part = levels[y : y + taken, x : x + taken]
        part = part[:, ::-1] if flip else part
        picture = np.ascontiguousarray(part).astype(np.float32) / 255
        picture = np.asarray(cv2.resize(picture, (side, side), interpolation=how), np.float32)
        picture = np.clip(picture * gain, 0, 1) ** np.float32(gamma)
        grey = picture.mean(axis=2, keepdims=True)
        return np.clip(grey + np.float32(saturation) * (picture - grey), 0, 1)

    return cut(pair.frame), cut(pair.after), cut(pair.drawn)


def _place(height: int, width: int, taken: int, rng: np.random.Generator) -> tuple[int, int]:
    """The upper left corner of a square of `taken` px inside a picture."""
    return int(rng.integers(height - taken + 1)), int(rng.integers(width - taken + 1))


def _motion(frame: Picture, after: Picture) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The flow between two crops, and where it can be trusted."""
    flow = DIS()
    there = flow(frame, after)
    return there, visible(there, flow(after, frame))


def _tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))


def _read_all(folder: Path) -> Sequence[LivePair]:
    return [read_pair(path) for path in sorted(folder.glob("*.png")) if not path.name.startswith(".")]
