"""One guess of the network: prompt, ControlNets and guidance brought together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stylize.config.style import Control


@dataclass(frozen=True)
class ControlNetInput:
    """A ControlNet at work on a batch of frames.

    `picture` is (N, 3, H, W) in [0, 1]; `control` says how strongly it holds, and when.
    """

    net: Any
    picture: Tensor
    control: Control


@dataclass(frozen=True)
class Prompt:
    """The prompt's embedding (1, L, D), and that of the negative prompt where guidance needs it."""

    wanted: Tensor
    unwanted: Tensor | None
    guidance: float


def guess(
    unet: Any,
    noisy: Tensor,
    timestep: Tensor,
    prompt: Prompt,
    inputs_of_controlnets: list[ControlNetInput],
    along: float,
) -> Tensor:
    """What the network takes the noise, the sample or the velocity to be (by its prediction type).

    Args:
        noisy: (N, C, h, w) latents at `timestep`.
        along: how much of the run lies behind, 0 to 1.

    Returns:
        (N, C, h, w) float32.

    Source: Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022; Zhang et al., "Adding Conditional
    Control to Text-to-Image Diffusion Models", ICCV 2023.
    """
    if prompt.unwanted is None:
        embedding = prompt.wanted.expand(len(noisy), -1, -1)
        return _controlled(unet, noisy, timestep, embedding, inputs_of_controlnets, along, copies=1)
    embedding = torch.cat([each.expand(len(noisy), -1, -1) for each in (prompt.unwanted, prompt.wanted)])
    both = _controlled(
        unet, torch.cat([noisy, noisy]), timestep, embedding, inputs_of_controlnets, along, copies=2
    )
    unwanted, wanted = both.chunk(2)
    return unwanted + prompt.guidance * (wanted - unwanted)


def _controlled(
    unet: Any,
    noisy: Tensor,
    timestep: Tensor,
    embedding: Tensor,
    inputs_of_controlnets: list[ControlNetInput],
    along: float,
    copies: int,
) -> Tensor:
    latents = noisy.to(unet.dtype).contiguous(memory_format=torch.channels_last)
    embedding = embedding.to(unet.dtype)
    down: list[Tensor] | None = None
    middle: Tensor | None = None
    for hold in inputs_of_controlnets:
        if not hold.control.acts_at(along):
            continue
        residuals, last = hold.net(
            latents,
            timestep,
            embedding,
            hold.picture.to(unet.dtype).repeat(copies, 1, 1, 1),
            conditioning_scale=hold.control.weight,
            return_dict=False,
        )
        down = residuals if down is None else [a + b for a, b in zip(down, residuals, strict=True)]
        middle = last if middle is None else middle + last
    answer = unet(
        latents,
        timestep,
        embedding,
        down_block_additional_residuals=down,
        mid_block_additional_residual=middle,
        return_dict=False,
    )[0]
    return answer.float()
