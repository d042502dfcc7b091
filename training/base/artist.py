"""The parts that learn, as one module."""

from __future__ import annotations

import functools
from typing import Any

from diffusers import DDPMScheduler
from torch import Tensor, nn

from training.base.model import Architecture, build_controlnet, build_text_encoder, build_unet
from training.base.tokens import build_tokenizer


class Artist(nn.Module):
    """UNet, ControlNet and text encoder together: condition, noise, time and caption in, drawing out."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.tokenizer = build_tokenizer(shape.tokens)
        unet = build_unet(shape)
        self.unet: Any = unet
        self.controlnet: Any = build_controlnet(unet, shape)
        self.text_encoder = build_text_encoder(shape, len(self.tokenizer))

    def encode_prompts(self, captions: list[str]) -> Tensor:
        tokens = self.tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
        return self.text_encoder(tokens.input_ids.to(self.text_encoder.device))[0]

    @property
    def patch(self) -> int:
        """Side of a patch, px."""
        return round((self.unet.config.in_channels / 3) ** 0.5)

    def forward(
        self, noisy: Tensor, time: Tensor, condition: Tensor, prompt: Tensor, control: Tensor
    ) -> Tensor:
        """Guesses the clean latents. `control` (N,) scales the ControlNet sample by sample."""
        down, middle = self.controlnet(noisy, time, prompt, condition, return_dict=False)
        scale = control.view(-1, 1, 1, 1)
        return self.unet(
            noisy,
            time,
            prompt,
            down_block_additional_residuals=[residual * scale for residual in down],
            mid_block_additional_residual=middle * scale,
            return_dict=False,
        )[0]


@functools.cache
def schedule() -> Any:
    """Stable Diffusion's noise levels; the network guesses the clean sample."""
    return DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample"
    )
