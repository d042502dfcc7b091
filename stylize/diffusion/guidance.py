"""One prediction of the UNet: prompt, ControlNets and classifier-free guidance brought together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stylize.diffusion.conditioning import Conditioning
from stylize.diffusion.controlnets.inputs import ControlNetInput, add_residuals

TorchConditioning = Conditioning[Tensor, ControlNetInput]


def predict(
    unet: Any,
    noisy: Tensor,
    timestep: Tensor,
    conditioning: TorchConditioning,
    progress: float,
    share: float,
) -> Tensor:
    """Predicts the noise, the sample or the velocity, as the checkpoint's prediction type has it.

    Args:
        noisy: (N, C, h, w) latents at `timestep`.
        progress: the share of the run's steps that are done, 0 to 1.
        share: the share that this step is: one over their number.

    Returns:
        (N, C, h, w) float32.

    Source: Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022; Zhang et al., "Adding Conditional
    Control to Text-to-Image Diffusion Models", ICCV 2023.
    """
    prompt = conditioning.prompt
    acting = [each for each in conditioning.controlnets if each.control.acts_at(progress, share)]
    if prompt.uncond is None:
        embedding = prompt.cond.expand(len(noisy), -1, -1)
        added = _added((prompt.pooled_cond,), len(noisy), conditioning.size)
        guidance = _guidance_embedding(unet, prompt.guidance, len(noisy))
        words = _Words(embedding, added, guidance, _images((prompt.images_cond,), len(noisy)))
        return _predict_batch(unet, noisy, timestep, words, acting, copies=1)
    embedding = torch.cat([each.expand(len(noisy), -1, -1) for each in (prompt.uncond, prompt.cond)])
    added = _added((prompt.pooled_uncond, prompt.pooled_cond), len(noisy), conditioning.size)
    words = _Words(embedding, added, None, _images((prompt.images_uncond, prompt.images_cond), len(noisy)))
    both = _predict_batch(unet, torch.cat([noisy, noisy]), timestep, words, acting, copies=2)
    uncond, cond = both.chunk(2)
    return uncond + prompt.guidance * (cond - uncond)


@dataclass(frozen=True)
class _Words:
    """The prompt for a batch: embeddings, conditions beside them, guidance where it is an input, and references."""

    embedding: Tensor
    added: dict[str, Tensor] | None
    guidance: Tensor | None
    images: Tensor | None


def _predict_batch(
    unet: Any,
    noisy: Tensor,
    timestep: Tensor,
    words: _Words,
    controlnets: Sequence[ControlNetInput],
    copies: int,
) -> Tensor:
    """Runs the ControlNets and the UNet on a batch that holds every frame `copies` times."""
    latents = noisy.to(unet.dtype).contiguous(memory_format=torch.channels_last)
    embedding = words.embedding.to(unet.dtype)
    options: dict[str, Any] = {}
    if words.added is not None:
        options["added_cond_kwargs"] = {name: each.to(unet.dtype) for name, each in words.added.items()}
    down, middle = add_residuals(controlnets, latents, timestep, embedding, copies, options)
    if words.guidance is not None:
        options["timestep_cond"] = words.guidance.to(unet.dtype)
    if words.images is not None:  # for the UNet alone
        told = options.get("added_cond_kwargs", {})
        options["added_cond_kwargs"] = {**told, "image_embeds": [words.images.to(unet.dtype)]}
    prediction = unet(
        latents,
        timestep,
        embedding,
        down_block_additional_residuals=down,
        mid_block_additional_residual=middle,
        return_dict=False,
        **options,
    )[0]
    return prediction.float()


def _added(
    pooled: Sequence[Tensor | None], frames: int, size: tuple[int, int] | None
) -> dict[str, Tensor] | None:
    """What Stable Diffusion XL is given beside the words: the pooled prompt, and six numbers: the size of the
    picture, where it was cut (nowhere), and the size that it is to have."""
    tensors = [each for each in pooled if each is not None]
    if not tensors or size is None:
        return None
    times = torch.tensor([[*size, 0, 0, *size]], dtype=tensors[0].dtype, device=tensors[0].device)
    return {
        "text_embeds": torch.cat([each.expand(frames, -1) for each in tensors]),
        "time_ids": times.expand(frames * len(tensors), -1),
    }


def _images(embedded: Sequence[Tensor | None], frames: int) -> Tensor | None:
    """What an IP-Adapter is given for a batch that holds every frame once for each of `embedded`."""
    tensors = [each.expand(frames, *each.shape[1:]) for each in embedded if each is not None]
    return torch.cat(tensors) if tensors else None


def _guidance_embedding(unet: Any, guidance: float, frames: int) -> Tensor | None:
    """The scale of guidance as an input, (N, D), where a checkpoint was distilled to take it.

    Source: Luo et al., "Latent Consistency Models", 2023, by the sinusoids of its published code.
    """
    width = getattr(unet.config, "time_cond_proj_dim", None)
    if width is None:
        return None
    half = int(width) // 2
    frequencies = torch.exp(torch.arange(half, dtype=torch.float32) * -(math.log(10000.0) / (half - 1)))
    angles = (torch.tensor([guidance - 1]) * 1000.0)[:, None] * frequencies[None]
    waves = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
    waves = torch.nn.functional.pad(waves, (0, int(width) % 2))
    return waves.expand(frames, -1).to(unet.device)
