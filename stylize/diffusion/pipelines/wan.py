"""Wan's pipeline that draws over the frames of a shot, in all forms in which Wan's weights come.

diffusers' own pipeline knows version 2.1 alone. Version 2.2 has two transformers, of which one draws while noise is
strong and the other one the rest, or coarser latents.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from stylize.errors import ModelError


class Experts(nn.Module):
    """Two transformers in the place of one. Source: Wan 2.2, as diffusers' WanPipeline draws with it.

    Attributes:
        first: draws at timesteps from `boundary` on.
        second: draws at the others.
    """

    def __init__(self, first: Any, second: Any, boundary: float) -> None:
        super().__init__()
        self.first, self.second, self.boundary = first, second, boundary

    @property
    def config(self) -> Any:
        return self.first.config

    @property
    def dtype(self) -> torch.dtype:
        dtype: torch.dtype = self.first.dtype
        return dtype

    @property
    def device(self) -> torch.device:
        device: torch.device = self.first.device
        return device

    def enable_layerwise_casting(self, *dtypes: torch.dtype) -> None:
        for each in (self.first, self.second):
            each.enable_layerwise_casting(*dtypes)

    def forward(self, *, timestep: torch.Tensor, **given: Any) -> Any:
        strong = float(timestep.flatten()[0]) >= self.boundary
        return (self.first if strong else self.second)(timestep=timestep, **given)


def fit_to_wan(parts: dict[str, Any], folder: str) -> dict[str, Any]:
    """The parts of a WanPipeline's folder as the pipeline takes them that draws over frames.

    Raises:
        ModelError: a transformer is missing.
    """
    own = {name: part for name, part in parts.items() if name not in ("transformer_2", "boundary_ratio")}
    own.pop("expand_timesteps", None)  # every latent has the same timestep here, which is the same said once
    if own.get("transformer") is None:
        raise ModelError("This checkpoint has no transformer for strong noise.", where=folder)
    second, ratio = parts.get("transformer_2"), parts.get("boundary_ratio")
    if (second is None) != (ratio is None):
        raise ModelError(
            "This checkpoint's second transformer and its boundary_ratio belong together, and one is missing.",
            where=folder,
        )
    if second is not None and ratio is not None:
        steps = parts["scheduler"].config.num_train_timesteps
        own["transformer"] = Experts(own["transformer"], second, float(ratio) * steps)
    return own


def tell_latents(pipe: Any) -> None:
    """Tells the pipeline how many pixels a latent spans; it takes 8 for granted, and version 2.2 has 16 as well."""
    scale = int(pipe.vae.config.scale_factor_spatial)
    pipe.vae_scale_factor_spatial = scale
    pipe.video_processor.register_to_config(vae_scale_factor=scale)
