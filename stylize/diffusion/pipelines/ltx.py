"""What LTX-Video's pipeline is given of a window: latents of its frames, which it draws over from some noise on.

Source: Lightricks/LTX-Video; of diffusers' pipelines LTXConditionPipeline alone begins with latents of a strength.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.pipelines.pictures import strength_of
from stylize.errors import ModelError

WORDS = 256
"""The most tokens of a prompt, as in the pipeline."""


def check_ltx(parts: dict[str, Any], name: str) -> None:
    """Raises ModelError where noise levels hang on the size of a picture, as they did before version 0.9.5."""
    if parts["scheduler"].config.get("use_dynamic_shifting"):
        raise ModelError(
            "This is LTX-Video before 0.9.5, whose pipelines draw from text or a first picture alone.",
            where=name,
            hint="take version 0.9.5 or later",
        )


def ltx_window(pipe: Any, config: ResolvedConfig, frames: Tensor) -> dict[str, Any]:
    """A call's arguments.

    Args:
        frames: (F, 3, H, W) in [0, 1]; F is 8k+1, and the sides are multiples of the network's grid.
    """
    count, _, height, width = frames.shape
    video = pipe.video_processor.preprocess_video(frames, height, width)
    vae = pipe.vae
    coded = vae.encode(video.to(pipe._execution_device, vae.dtype)).latent_dist.mode()
    return {
        "latents": pipe._normalize_latents(coded, vae.latents_mean, vae.latents_std).float(),
        "denoise_strength": strength_of(config),
        "height": height,
        "width": width,
        "num_frames": count,
        "num_inference_steps": config.steps,
    }


def ltx_words(pipe: Any, config: ResolvedConfig, guided: bool, device: torch.device) -> dict[str, Any]:
    """The embedded prompts with their masks."""
    words, mask, against, against_mask = pipe.encode_prompt(
        config.prompt, config.negative_prompt, guided, max_sequence_length=WORDS, device=device
    )
    given = {"prompt_embeds": words, "prompt_attention_mask": mask, "guidance_scale": config.guidance}
    if guided:
        given |= {"negative_prompt_embeds": against, "negative_prompt_attention_mask": against_mask}
    return given
