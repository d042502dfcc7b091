"""Crops for the network that enlarges drawings: a drawing, the same at half its size, and its photograph."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from stylize.storage.pictures import write_picture
from training.base.sensor import blur, simulate_sensor
from training.live.crops import LiveBatch, PairSet, Picture, cut_crop
from training.live.enlarger import ENLARGER_GRID, FACTOR, fold_luma
from training.live.pairs import LivePair
from training.live.recipe import LiveRecipe

SMALLEST, LARGEST = 0.5, 0.75
"""Scales at which a taught drawing is the larger one of a pair. Its own size it has from an enlargement, which is
not to be learnt."""
SOFT_SHARE, SOFTEST_PX = 0.6, 0.7
"""Share of the small drawings that are blurred, and the most: what a network drew is softer than a picture that
was scaled down."""
LUMA = (0.299, 0.587, 0.114)
COLUMNS, SHEET_SIDE = 6, 320


class EnlargerPairs:
    """What the enlarger learns from: the taught and the rendered drawings of a live training's pairs."""

    def __init__(self, folder: Path) -> None:
        self._pairs = PairSet(folder)

    @property
    def count(self) -> int:
        return self._pairs.count

    def batch(self, recipe: LiveRecipe, step: int) -> LiveBatch:
        """The crops of one step: `frame` is the network's input (N, 7, S/2, S/2), `drawn` the drawing of side S. No
        frames follow, because a still is all that is needed."""
        rng = np.random.default_rng((recipe.seed, step))
        noise = torch.Generator().manual_seed(int(rng.integers(2**62)))
        crops = [self._crop(recipe, rng) for _ in range(recipe.batch)]
        photo, drawn = (torch.stack([crop[plane] for crop in crops]) for plane in range(2))
        given = join_planes(soften(halve(drawn), rng), simulate_sensor(photo, rng, noise))
        return LiveBatch(given, drawn, given[:0], torch.zeros(0), torch.zeros(0))

    def write_sheet(self, network: nn.Module, out: Path) -> None:
        """Bicubic, the network's, and the drawing itself, one above the other."""
        taught, rendered = self._pairs.taught, self._pairs.rendered
        every = max(1, len(taught) // (COLUMNS - 1))
        shown = [*taught[::every][: COLUMNS - 1], *rendered[: 1 if taught else COLUMNS]]
        out.parent.mkdir(parents=True, exist_ok=True)
        write_picture(np.concatenate([_column(network, pair) for pair in shown], axis=1), out)

    def _crop(self, recipe: LiveRecipe, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        taught, rendered = self._pairs.taught, self._pairs.rendered
        from_rendered = not taught or (len(rendered) > 0 and rng.random() < recipe.rendered_share)
        pool = rendered if from_rendered else taught
        scale = 1.0 if from_rendered else float(rng.uniform(SMALLEST, LARGEST))
        pair = pool[int(rng.integers(len(pool)))]
        frame, _, drawn = cut_crop(pair, recipe.crop, scale, rng)
        return _tensor(frame), _tensor(drawn)


def halve(drawn: Tensor) -> Tensor:
    """(N, 3, H, W) at half its size, each pixel the mean of four."""
    return nn.functional.avg_pool2d(drawn, FACTOR)


def soften(small: Tensor, rng: np.random.Generator) -> Tensor:
    """Some of the pictures blurred a little, in eight bits as the store keeps them."""
    count = len(small)
    sigma = np.where(rng.random(count) < SOFT_SHARE, rng.uniform(0.2, SOFTEST_PX, count), 0.0)
    soft = blur(small, small.new_tensor(sigma).view(-1, 1, 1, 1))
    return (soft * 255).round() / 255


def join_planes(small: Tensor, photo: Tensor) -> Tensor:
    """The network's input of drawings (N, 3, H, W) and photographs (N, 3, 2H, 2W), all in [0, 1]."""
    luma = (photo * photo.new_tensor(LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return torch.cat([small, fold_luma(luma)], dim=1)


@torch.no_grad()
def _column(network: nn.Module, pair: LivePair) -> Picture:
    side = min(SHEET_SIDE, *pair.frame.shape[:2])
    side -= side % (FACTOR * ENLARGER_GRID)
    y, x = ((length - side) // 2 for length in pair.frame.shape[:2])
    frame, drawn = (
        _tensor(np.divide(plane[y : y + side, x : x + side], 255, dtype=np.float32))[None]
        for plane in (pair.frame, pair.drawn)
    )
    small = halve(drawn)
    device = next(network.parameters()).device
    large = network(join_planes(small, frame).to(device))[0].cpu()
    cubic = cv2.resize(_picture(small[0]), (side, side), interpolation=cv2.INTER_CUBIC)
    column = np.concatenate([np.asarray(cubic, np.float32), _picture(large), _picture(drawn[0])], axis=0)
    return np.asarray(cv2.resize(column, (SHEET_SIDE, 3 * SHEET_SIDE)), np.float32).clip(0, 1)


def _tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))


def _picture(tensor: Tensor) -> Picture:
    return np.ascontiguousarray(tensor.numpy().transpose(1, 2, 0))
