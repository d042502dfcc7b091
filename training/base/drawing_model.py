"""UNet, ControlNet and text encoder as one module, for training them together."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from diffusers import DDPMScheduler
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from training.base.networks import Architecture, build_controlnet, build_text_encoder, build_unet
from training.base.tokenizer import build_tokenizer


class DrawingModel(nn.Module):
    """Noisy latents, timestep, condition and caption in; the clean latents of the drawing out."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.tokenizer = build_tokenizer(shape.tokens)
        unet = build_unet(shape)
        self.unet: Any = unet
        self.controlnet: Any = build_controlnet(unet, shape)
        self.text_encoder = build_text_encoder(shape, len(self.tokenizer))

    def encode_prompts(self, captions: list[str]) -> Tensor:
        """Embeddings of captions, (N, L, D)."""
        tokens = self.tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
        return self.text_encoder(tokens.input_ids.to(self.text_encoder.device))[0]

    @property
    def patch(self) -> int:
        """Side of the patch of pixels that one latent stands for, px."""
        return round((self.unet.config.in_channels / 3) ** 0.5)

    def forward(
        self, noisy: Tensor, timesteps: Tensor, condition: Tensor, prompt: Tensor, control: Tensor
    ) -> Tensor:
        """Predicts the clean latents.

        Args:
            noisy: (N, C, h, w) latents at (N,) `timesteps`.
            condition: (N, 3, H, W) in [0, 1].
            prompt: (N, L, D).
            control: (N,), by which each sample's ControlNet outputs are multiplied.
        """
        down, middle = self.controlnet(noisy, timesteps, prompt, condition, return_dict=False)
        scale = control.view(-1, 1, 1, 1)
        return self.unet(
            noisy,
            timesteps,
            prompt,
            down_block_additional_residuals=[residual * scale for residual in down],
            mid_block_additional_residual=middle * scale,
            return_dict=False,
        )[0]


@functools.cache
def noise_scheduler() -> Any:
    """Stable Diffusion's noise levels, for a network that predicts the clean sample."""
    return DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample"
    )


@contextmanager
def autocast(device: torch.device) -> Iterator[None]:
    """bfloat16 arithmetic where the device has it; on a CPU with plain attention, which is faster than the fused
    one at few positions.

    A CPU without AVX-512 computes bfloat16 by way of float32: a step then took seven times as long.
    """
    on_cpu = device.type == "cpu"
    has_bfloat16 = not on_cpu or torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    attention = sdpa_kernel(SDPBackend.MATH) if on_cpu else nullcontext()
    with torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16), attention:
        yield
