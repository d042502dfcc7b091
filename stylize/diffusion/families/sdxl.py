"""Stable Diffusion XL and what anime makers draw with: Illustrious, NoobAI, Animagine, Pony.

Two text encoders, and conditions beside the prompt: the pooled prompt and six numbers of size and crop.
Source: Podell et al., "SDXL", ICLR 2024; stabilityai/stable-diffusion-xl-base-1.0.
"""

from __future__ import annotations

from stylize.diffusion.families.base import NOISE, Family, by_width

SDXL = Family(
    name="sdxl",
    title="Stable Diffusion XL",
    about="1024 px: Illustrious, NoobAI, Animagine, Pony; unions of ControlNets",
    short_side=1024,
    many_shapes=True,
    weights=2.65,
    texts=0.82,
    licence="CreativeML OpenRAIL++-M",
    heads=by_width,
    vae_scale=0.13025,
    vae_overflows=True,
    text_prefixes=("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
    quick_gelu=(True, False),
    scheduler=("EulerDiscreteScheduler", {**NOISE, "interpolation_type": "linear"}),
)
