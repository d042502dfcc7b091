"""The checkpoint that a training builds on, with the ControlNets and the prompt that its frames are drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stylize.config.packs.find import find_style
from stylize.config.packs.pack import StylePack
from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control
from stylize.diffusion import sampling
from stylize.diffusion.checkpoint import Checkpoint, load_checkpoint
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.controlnets import load_controlnet
from stylize.diffusion.device import dtype_of
from stylize.diffusion.families import ALL_FAMILIES, FAMILIES
from stylize.errors import ModelError
from stylize.generators.inspect import inspect_checkpoint
from training.lora.recipe import StyleRecipe

CROP_LATENTS = 64
"""Side of a crop in latents: 512 px at eight pixels a latent, 128 px at two."""


@dataclass
class BaseModel:
    """The base style, and its checkpoint, loaded and frozen.

    Attributes:
        pack: the base style.
        info: the checkpoint's size and place.
        controls: settings of the ControlNets that are active while training.
        conditions: for each of them, what computes its input from a picture.
    """

    pack: StylePack
    info: CheckpointInfo
    checkpoint: Checkpoint
    controls: tuple[Control, ...]
    conditions: list[Condition]

    @property
    def predicts_sample(self) -> bool:
        """Whether the UNet outputs the clean sample, as checkpoints made for few steps do here."""
        return str(self.checkpoint.scheduler.config.prediction_type) == "sample"

    def resolution(self, recipe: StyleRecipe) -> int:
        """Side of a square crop, px."""
        return recipe.resolution or min(CROP_LATENTS * self.info.latent_scale, self.info.short_side)

    def short_side(self, recipe: StyleRecipe) -> int:
        """Short side that larger drawings are scaled down to, px."""
        return max(recipe.short_side or self.info.short_side, self.resolution(recipe))

    def encode(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] to latents, without gradients."""
        with torch.no_grad():
            return sampling.encode(self.checkpoint.vae, pixels)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents to pixels in [-1, 1], float32. Nothing is clamped, so that gradients pass."""
        vae = self.checkpoint.vae
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        scaled = latents / vae.config.scaling_factor + shift
        return vae.decode(scaled.to(vae.dtype), return_dict=False)[0].float()

    def config(self, recipe: StyleRecipe, prompt: str) -> ResolvedConfig:
        """The settings that the frames on the sample sheets are drawn with."""
        style = self.pack.style
        return ResolvedConfig(
            style=recipe.name, checkpoint=self.info.place, prompt=prompt, negative_prompt=style.negative_prompt,
            strength=style.strength, guidance=style.guidance, steps=style.steps, clip_skip=style.clip_skip,
            scheduler=style.scheduler, noise="fixed", size=self.short_side(recipe), controls=self.controls,
            loras=(), finish=style.finish, seed=recipe.seed, deflicker=0.0, repair="off", cadence="ones",
            hold="step", batch=1, device=str(self.checkpoint.device), precision=recipe.weights, offline=True,
        )  # fmt: skip


def load_base_model(recipe: StyleRecipe, device: torch.device) -> BaseModel:
    """Loads what a recipe builds on; the network is not used.

    Raises:
        UsageError, ModelError, MissingPart: the style, its checkpoint or a ControlNet is not there or does not fit.
    """
    pack = find_style(recipe.base)
    name = recipe.model or pack.style.checkpoint
    info = inspect_checkpoint(name, offline=True)
    if info.family not in FAMILIES or FAMILIES[info.family].two_text_encoders:
        raise ModelError(
            f"Styles are trained on Stable Diffusion 1.x and 2.x and what has their shape, not on "
            f"{ALL_FAMILIES[info.family].title}.",
            where=name,
            hint="train the LoRA with kohya-ss/sd-scripts or OneTrainer; it can be drawn with here",
        )
    checkpoint = load_checkpoint(name, device, dtype_of(recipe.weights), offline=True)
    controls = pack.style.controls if recipe.control else ()
    conditions = []
    for control in controls:
        conditions.append(make_condition(control.condition, device, offline=True))
        net: Any = load_controlnet(checkpoint, control.condition, control.model, offline=True)
        checkpoint.controlnets[control.model or control.condition] = net
    return BaseModel(pack, info, checkpoint, controls, conditions)
