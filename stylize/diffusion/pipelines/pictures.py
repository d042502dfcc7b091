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
from stylize.diffusion.strength import steps_at
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
        given["strength"] = strength_of(config)
    if family.name == "kontext":
        given |= {"max_area": height * width, "_auto_resize": False}
    return given


def strength_of(config: ResolvedConfig) -> float:
    """The strength that a call is given: one that leaves less than a step takes one, as in the UNet's loop.

    A pipeline takes the whole part of steps times strength, and 49 times a 49th is less than 1.
    """
    steps = steps_at(config.steps, config.strength)
    return (
        config.strength
        if int(config.steps * config.strength) == steps
        else min(1.0, (steps + 1e-6) / config.steps)
    )


def to_tensor(pixels: Pixels) -> Tensor:
    """(H, W, 3) to (1, 3, H, W), in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]


def to_picture(pixels: Pixels) -> Image.Image:
    """A picture of eight bits a channel."""
    return Image.fromarray(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8))


def window_arguments(
    family: PipelineFamily,
    config: ResolvedConfig,
    seen: Sequence[Pixels],
    control: Control | None,
    references: Sequence[Image.Image],
) -> dict[str, Any]:
    """What a video model's call is given of a window: the frames, or a condition computed from them.

    A shot that is shorter than a window is drawn at the next length that can be: its last frame is held.

    Args:
        seen: (H, W, 3) float32 in [0, 1], their sides multiples of the network's grid.
        control: how strongly the condition acts; None for the frames themselves.
        references: pictures that a family with references is shown beside the frames.
    """
    height, width = seen[0].shape[:2]
    if family.over_source:
        return {
            "video": window_frames(family, seen),
            "strength": strength_of(config),
            "height": height,
            "width": width,
            "num_inference_steps": config.steps,
        }
    frames = [to_picture(each) for each in _held(family, seen)]
    return {
        "video": frames,
        "reference_images": list(references) or None,
        "conditioning_scale": 1.0 if control is None else control.weight,
        "height": height,
        "width": width,
        "num_frames": len(frames),
        "num_inference_steps": config.steps,
    }


def window_frames(family: PipelineFamily, seen: Sequence[Pixels]) -> Tensor:
    """The frames of a window, (F, 3, H, W) in [0, 1], as many as the family can draw together."""
    return torch.cat([to_tensor(each) for each in _held(family, seen)])


def _held(family: PipelineFamily, seen: Sequence[Pixels]) -> list[Pixels]:
    return [*seen, *[seen[-1]] * (family.whole_length(len(seen)) - len(seen))]
