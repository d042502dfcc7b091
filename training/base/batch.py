"""The batch of a training step: crops, and what the ControlNet is given of them."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from stylize.diffusion.conditions.base import make_condition
from training.base.hard_shots import HardShots
from training.base.pair_crops import cut_crops
from training.base.pair_loader import PairSources
from training.base.recipe import BaseRecipe

CONDITION_NAMES = {"tile": "tile", "lineart": "lineart_standard"}
"""Which of stylize's conditions a recipe's condition stands for."""


@dataclass(frozen=True)
class BaseBatch:
    """A batch as the networks take it. The second half are the twins of the first (see `PairCrops`).

    Attributes:
        condition: the ControlNet's input, (N, 3, H, W) in [0, 1].
        drawn: the drawings, (N, 3, H, W) in [-1, 1].
        shift: how far the twins are moved, (down, right) px.
    """

    condition: Tensor
    drawn: Tensor
    captions: list[str]
    shift: tuple[int, int]


def make_batch(
    sources: PairSources, recipe: BaseRecipe, step: int, pool: Executor | None, ready: float | None = None
) -> BaseBatch:
    """The batch of a step, by (seed, step) alone.

    Args:
        pool: threads that compute conditions; None computes them in this one.
        ready: share of the pairs that may be cut from; by default the recipe's for this step.
    """
    ready = recipe.ready_share(step) if ready is None else ready
    hard = HardShots(recipe.dark_share, recipe.moved_share)
    seed = _batch_seed(recipe, step)
    crops = cut_crops(sources, recipe.batch, recipe.size, recipe.real_share, ready, seed, hard)
    condition = crops.photo
    if recipe.condition != "tile":  # the tile condition is the photograph itself
        condition = _compute_condition(crops.photo, recipe.condition, pool)
    return BaseBatch(condition.contiguous(), (2 * crops.drawn - 1).contiguous(), crops.captions, crops.shift)


def _batch_seed(recipe: BaseRecipe, step: int) -> int:
    return recipe.seed * 1_000_003 + step


def _compute_condition(photo: Tensor, condition: str, pool: Executor | None) -> Tensor:
    """A condition of photographs, (N, 3, H, W) in [0, 1]."""
    compute = make_condition(CONDITION_NAMES[condition], "cpu")
    pictures = list(photo.permute(0, 2, 3, 1).cpu().numpy())
    computed = list(pool.map(compute, pictures) if pool else map(compute, pictures))
    return torch.from_numpy(np.stack(computed)).to(photo.device).permute(0, 3, 1, 2)
