"""An autoencoder without a network: pictures cut into patches, without loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor
from torch.nn import functional


@dataclass
class PointDistribution:
    """A latent distribution with all of its mass at one point."""

    latents: Tensor

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        return self.latents

    def mode(self) -> Tensor:
        return self.latents


@dataclass
class PatchEncoderOutput:
    latent_dist: PointDistribution


@dataclass
class PatchDecoderOutput:
    sample: Tensor


class PatchAutoencoder(ModelMixin, ConfigMixin):
    """Latents whose channels are the pixels of a patch (pixel-unshuffle), in the interface of AutoencoderKL.

    With a small model most of the time would go into the full-resolution convolutions of a learned autoencoder;
    this one takes next to no time and loses nothing.

    Args:
        patch: side of a patch, px, a power of two: 4 gives latents of 48 channels at a quarter of the size.
        scaling_factor: latents are multiplied by it before noise is added, as diffusers expects.
    """

    config: Any
    config_name = "config.json"

    @register_to_config
    def __init__(
        self,
        patch: int = 4,
        scaling_factor: float = 1.0,
        latent_channels: int = 48,
        block_out_channels: tuple[int, ...] = (1, 1, 1),
    ) -> None:
        super().__init__()
        if latent_channels != 3 * patch**2 or patch != 2 ** (len(block_out_channels) - 1):
            raise ValueError(
                f"A patch of {patch} px has {3 * patch**2} channels, not {latent_channels}, and "
                f"{patch.bit_length()} levels, not {len(block_out_channels)}."
            )
        # Pipelines ask their parts for a dtype and a device, which a part without weights would not have.
        self.register_buffer("anchor", torch.zeros(1), persistent=True)

    def encode(self, x: Tensor, return_dict: bool = True) -> PatchEncoderOutput | tuple[PointDistribution]:
        """(N, 3, H, W) in [-1, 1] to (N, 3 patch², H / patch, W / patch)."""
        latents = PointDistribution(functional.pixel_unshuffle(x, self.config.patch))
        return PatchEncoderOutput(latents) if return_dict else (latents,)

    def decode(
        self, z: Tensor, return_dict: bool = True, generator: torch.Generator | None = None
    ) -> PatchDecoderOutput | tuple[Tensor]:
        """The inverse of `encode`."""
        picture = functional.pixel_shuffle(z, self.config.patch)
        return PatchDecoderOutput(picture) if return_dict else (picture,)
