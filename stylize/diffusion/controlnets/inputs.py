"""What ControlNets are given for a batch of frames, and what they add to the UNet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stylize.config.style import Control


@dataclass(frozen=True)
class ControlNetInput:
    """A ControlNet and its pictures for a batch of frames.

    `picture` is (N, 3, H, W) in [0, 1]; `control` gives its weight, and the steps at which it acts; `mode` is the
    number of its condition in a union of several, None for a ControlNet of one.
    """

    net: Any
    picture: Tensor
    control: Control
    mode: int | None = None


Residuals = tuple[list[Tensor] | None, Tensor | None]


def add_residuals(
    controlnets: Sequence[ControlNetInput],
    latents: Tensor,
    timestep: Tensor,
    embedding: Tensor,
    copies: int,
    options: Mapping[str, Any],
) -> Residuals:
    """The sum of what the ControlNets give for a batch that holds every frame `copies` times.

    Conditions of one union go through it together, in one pass, as it was trained.

    Returns:
        The residuals of the levels down and of the middle; None where no ControlNet acts.
    """
    down: list[Tensor] | None = None
    middle: Tensor | None = None
    for group in _by_net(controlnets):
        pictures = [each.picture.to(latents.dtype).repeat(copies, 1, 1, 1) for each in group]
        weights = [each.control.weight for each in group]
        arguments: dict[str, Any] = {**options, "return_dict": False}
        if group[0].mode is None:
            arguments |= {"controlnet_cond": pictures[0], "conditioning_scale": weights[0]}
        else:
            modes = [each.mode for each in group]
            kinds = torch.zeros(
                1, group[0].net.config.num_control_type, dtype=latents.dtype, device=latents.device
            )
            kinds[0, modes] = 1
            arguments |= {
                "controlnet_cond": pictures,
                "control_type": kinds.repeat(len(latents), 1),
                "control_type_idx": modes,
                "conditioning_scale": weights,
            }
        residuals, last = group[0].net(latents, timestep, embedding, **arguments)
        down = list(residuals) if down is None else [a + b for a, b in zip(down, residuals, strict=True)]
        middle = last if middle is None else middle + last
    return down, middle


def _by_net(controlnets: Sequence[ControlNetInput]) -> Iterator[list[ControlNetInput]]:
    """Those of one union together, the others alone, in the order of the first of each."""
    unions: dict[int, list[ControlNetInput]] = {}
    for each in controlnets:
        if each.mode is None:
            yield [each]
        elif id(each.net) not in unions:
            unions[id(each.net)] = [
                other for other in controlnets if other.net is each.net and other.mode is not None
            ]
            yield unions[id(each.net)]
