"""Stable Diffusion 1.x: 512 px, CLIP ViT-L. Source: Rombach et al., CVPR 2022; runwayml/stable-diffusion-v1-5."""

from __future__ import annotations

from stylize.diffusion.families.base import NOISE, Family

SD1 = Family(
    name="sd1",
    title="Stable Diffusion 1.x",
    about="512 px: the most LoRAs and ControlNets, and the least memory",
    short_side=512,
    many_shapes=False,
    weights=0.94,
    texts=0.12,
    licence="CreativeML OpenRAIL-M",
    heads=lambda channels: 8,
    vae_scale=0.18215,
    vae_overflows=False,
    text_prefixes=("cond_stage_model.transformer.",),
    quick_gelu=(True,),
    scheduler=(
        "PNDMScheduler",
        {**NOISE, "skip_prk_steps": True, "set_alpha_to_one": False},
    ),
)
