"""One prediction of the UNet: prompt, ControlNets and classifier-free guidance brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stylize.config.style import Control
from stylize.diffusion.conditioning import Conditioning


@dataclass(frozen=True)
class ControlNetInput:
    """A ControlNet and its pictures for a batch of frames.

    `picture` is (N, 3, H, W) in [0, 1]; `control` gives its weight, and the steps at which it acts.
    """

    net: Any
    picture: Tensor
    control: Control


TorchConditioning = Conditioning[Tensor, ControlNetInput]


def predict(
    unet: Any, noisy: Tensor, timestep: Tensor, conditioning: TorchConditioning, progress: float
) -> Tensor:
    """Predicts the noise, the sample or the velocity, as the checkpoint's prediction type has it.

    Args:
        noisy: (N, C, h, w) latents at `timestep`.
        progress: the share of the run's steps that are done, 0 to 1.

    Returns:
        (N, C, h, w) float32.

    Source: Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022; Zhang et al., "Adding Conditional
    Control to Text-to-Image Diffusion Models", ICCV 2023.
    """
    prompt = conditioning.prompt
    acting = [each for each in conditioning.controlnets if each.control.acts_at(progress)]
    if prompt.uncond is None:
        embedding = prompt.cond.expand(len(noisy), -1, -1)
        return _predict_batch(unet, noisy, timestep, embedding, acting, copies=1)
    embedding = torch.cat([each.expand(len(noisy), -1, -1) for each in (prompt.uncond, prompt.cond)])
    both = _predict_batch(unet, torch.cat([noisy, noisy]), timestep, embedding, acting, copies=2)
    uncond, cond = both.chunk(2)
    return uncond + prompt.guidance * (cond - uncond)


def _predict_batch(
    unet: Any,
    noisy: Tensor,
    timestep: Tensor,
    embedding: Tensor,
    controlnets: Sequence[ControlNetInput],
    copies: int,
) -> Tensor:
    """Runs the ControlNets and the UNet on a batch that holds every frame `copies` times."""
    latents = noisy.to(unet.dtype).contiguous(memory_format=torch.channels_last)
    embedding = embedding.to(unet.dtype)
    down: list[Tensor] | None = None
    middle: Tensor | None = None
    for controlnet in controlnets:
        residuals, last = controlnet.net(
            latents,
            timestep,
            embedding,
            controlnet.picture.to(unet.dtype).repeat(copies, 1, 1, 1),
            conditioning_scale=controlnet.control.weight,
            return_dict=False,
        )
        down = residuals if down is None else [a + b for a, b in zip(down, residuals, strict=True)]
        middle = last if middle is None else middle + last
    prediction = unet(
        latents,
        timestep,
        embedding,
        down_block_additional_residuals=down,
        mid_block_additional_residual=middle,
        return_dict=False,
    )[0]
    return prediction.float()
