"""Stable Diffusion 2.x: 512 or 768 px, OpenCLIP ViT-H, the last layer but one.

Source: stabilityai/stable-diffusion-2-1.
"""

from __future__ import annotations

from stylize.diffusion.families.base import NOISE, Family, by_width

SD2 = Family(
    name="sd2",
    title="Stable Diffusion 2.x",
    about="768 px, velocity; few styles are made for it",
    short_side=768,
    many_shapes=False,
    weights=0.95,
    texts=0.34,
    licence="CreativeML OpenRAIL++-M",
    heads=by_width,
    vae_scale=0.18215,
    vae_overflows=False,
    text_prefixes=("cond_stage_model.model.",),
    quick_gelu=(False,),
    scheduler=(
        "DDIMScheduler",
        {**NOISE, "clip_sample": False, "set_alpha_to_one": False, "prediction_type": "v_prediction"},
    ),
)
