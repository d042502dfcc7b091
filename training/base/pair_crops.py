"""Crops of prepared pairs: which pair, which part of it, which drawing attributes, and which camera faults."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.base.assemble import assemble_drawings
from training.base.attributes import Attributes
from training.base.cels import PLANES
from training.base.hard_shots import HardShots, darken, move
from training.base.pair_loader import PairSources
from training.base.sensor import simulate_sensor

INK = PLANES.index("ink")
NO_HARD_SHOTS = HardShots()
MAX_SHIFT_PX = 3
"""How far the two crops of a twin lie apart at most, each way."""


@dataclass(frozen=True)
class PairCrops:
    """Crops and their drawings.

    The second half are twins of the first: the same pairs and attributes, cut `shift` (down, right) px further,
    with other camera noise. Both must be drawn alike, or a film flickers.

    Attributes:
        photo: (N, 3, S, S) in [0, 1].
        drawn: (N, 3, S, S) in [0, 1].
    """

    photo: Tensor
    drawn: Tensor
    captions: list[str]
    shift: tuple[int, int]


def cut_crops(
    sources: PairSources,
    count: int,
    size: int,
    real_share: float,
    ready: float,
    seed: int,
    hard: HardShots = NO_HARD_SHOTS,
) -> PairCrops:
    """`count` crops, by `seed` alone.

    Args:
        count: an even number; half of them are twins.
        size: side of the crops, px.
        real_share: probability that a crop is cut from a real frame.
        ready: share of the pairs that may be cut from; the others need not be made yet.
        hard: how many are shown in the dark or blurred by movement.
    """
    rng = np.random.default_rng(seed)
    is_real = rng.random(count // 2) < real_share
    pools = {
        False: sources.rendered.first(round(ready * sources.rendered.count)),
        True: sources.real.first(round(ready * sources.real.count)),
    }
    crops, attributes = [], []
    for real in is_real.tolist():
        pool = pools[real]
        drawn_as = Attributes.draw(rng)
        # Real pairs have no painted background.
        attributes.append(replace(drawn_as, background="flat") if real else drawn_as)
        crops.append(_crop(pool[int(rng.integers(len(pool)))], rng, size + MAX_SHIFT_PX))
    planes = torch.stack(crops).float() / 255
    generator = torch.Generator(planes.device).manual_seed(seed)
    planes[:, :INK] = _regrade(planes[:, :INK], rng, np.flatnonzero(is_real))
    planes[:, :INK] = darken(planes[:, :INK], rng, hard.dark)
    down, right = (int(n) for n in rng.integers(0, MAX_SHIFT_PX + 1, 2))
    drawn, photo = assemble_drawings(planes, attributes), move(planes[:, 0], rng, hard.moved)

    def with_twins(pictures: Tensor) -> Tensor:
        first = pictures[..., :size, :size]
        return torch.cat([first, pictures[..., down : down + size, right : right + size]])

    captions = [_caption(each, rng) for each in attributes]
    seen = simulate_sensor(with_twins(photo), rng, generator)
    return PairCrops(seen, with_twins(drawn), captions * 2, (down, right))


def _crop(pair: Tensor, rng: np.random.Generator, side: int) -> Tensor:
    """A crop (5, 3, side, side), half of the time mirrored. A smaller picture is first extended by reflection."""
    height, width = pair.shape[2:]
    if height < side or width < side:
        margin = (0, max(0, side - width), 0, max(0, side - height))
        pair = functional.pad(pair.float(), margin, mode="reflect").to(pair.dtype)
        height, width = pair.shape[2:]
    y, x = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    crop = pair[:, :, y : y + side, x : x + side]
    return crop.flip(3) if rng.random() < 0.5 else crop


def _regrade(planes: Tensor, rng: np.random.Generator, which: np.ndarray) -> Tensor:
    """Another exposure, white balance and saturation for the pairs `which`, photograph and paint alike.

    There are few real scenes, so each is shown in many colours.
    """
    count = len(planes)
    gamma, gain, saturation = np.ones(count), np.ones((count, 3)), np.ones(count)
    gamma[which] = np.exp(rng.normal(0, 0.2, len(which)))
    gain[which] = np.exp(rng.normal(0, 0.07, (len(which), 3)))
    saturation[which] = np.exp(rng.normal(0, 0.2, len(which)))

    def per_pair(values: np.ndarray) -> Tensor:
        return planes.new_tensor(values).view(count, 1, -1, 1, 1)

    planes = (planes * per_pair(gain)).clamp(0, 1) ** per_pair(gamma)
    grey = planes.mean(dim=2, keepdim=True)
    return (grey + per_pair(saturation) * (planes - grey)).clamp(0, 1)


PLAIN_PHRASES = Attributes().phrases()


def _caption(attributes: Attributes, rng: np.random.Generator) -> str:
    """The caption. Half of the time most phrases of the default attributes are left out, so that "anime" alone
    comes to mean the plain drawing."""
    brief = rng.random() < 0.5
    phrases = [
        phrase
        for phrase, plain in zip(attributes.phrases(), PLAIN_PHRASES, strict=True)
        if phrase != plain or not (brief or rng.random() < 0.2)
    ]
    return ", ".join(["anime", *phrases])
