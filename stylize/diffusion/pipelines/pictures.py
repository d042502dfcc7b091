"""A frame, or a window of frames, as diffusers' pipelines take it, with its size, steps and strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.pipelines.windows import whole_length
from stylize.footage.clip import Pixels

AS_FILES = ("flux2-klein", "qwen-edit", "qwen-edit-plus")
"""Families whose pipelines take pictures of eight bits only."""


def picture_arguments(
    family: PipelineFamily, config: ResolvedConfig, plate: Pixels, controlled: bool
) -> dict[str, Any]:
    """What a pipeline's call is given of a frame whose sides divide by the family's grid.

    Args:
        plate: (H, W, 3) float32 RGB in [0, 1].
        controlled: ControlNets act as well.
    """
    height, width = plate.shape[:2]
    given: dict[str, Any] = {"height": height, "width": width, "num_inference_steps": config.steps}
    if controlled and not family.control_keeps_plate:
        return given
    given["image"] = to_picture(plate) if family.name in AS_FILES else to_tensor(plate)
    if family.takes_strength(controlled):
        # a strength that leaves less than a step takes one, as in the UNet's loop
        given["strength"] = min(1.0, max(config.strength, 1.0 / config.steps))
    if family.name == "kontext":
        given |= {"max_area": height * width, "_auto_resize": False}
    return given


def to_tensor(pixels: Pixels) -> Tensor:
    """(H, W, 3) to (1, 3, H, W), in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]


def to_picture(pixels: Pixels) -> Image.Image:
    """A picture of eight bits a channel."""
    return Image.fromarray(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8))


def window_arguments(
    config: ResolvedConfig, seen: Sequence[Pixels], control: Control | None, references: Sequence[Image.Image]
) -> dict[str, Any]:
    """What Wan VACE's call is given of a window: the frames, or a condition computed from them.

    A shot that is shorter than a window is drawn at the next length that can be: its last frame is held.

    Args:
        seen: (H, W, 3) float32 in [0, 1], their sides multiples of the network's grid.
        control: how strongly the condition acts; None for the frames themselves.
    """
    height, width = seen[0].shape[:2]
    frames = [to_picture(each) for each in seen]
    frames += frames[-1:] * (whole_length(len(frames)) - len(frames))
    return {
        "video": frames,
        "reference_images": list(references) or None,
        "conditioning_scale": 1.0 if control is None else control.weight,
        "height": height,
        "width": width,
        "num_frames": len(frames),
        "num_inference_steps": config.steps,
    }
