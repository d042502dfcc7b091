"""What a LoRA stands on: a checkpoint, the ControlNets that it is drawn under, and the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from stylize.config.packs.find import find_style
from stylize.config.packs.pack import StylePack
from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control
from stylize.diffusion.checkpoint import Checkpoint, load_checkpoint, load_controlnet
from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.diffusion.conditions import Condition, make_condition
from stylize.diffusion.device import dtype_of
from stylize.generators.inspect import inspect_checkpoint
from training.lora.recipe import Recipe

LATENTS_A_SIDE = 64
"""Of a crop: 512 px at eight pixels a latent, 128 px at two."""


@dataclass
class Standing:
    """The checkpoint, loaded and frozen, and how its frames are drawn."""

    pack: StylePack
    facts: CheckpointInfo
    checkpoint: Checkpoint
    controls: tuple[Control, ...]
    conditions: list[Condition]

    @property
    def predicts_the_sample(self) -> bool:
        """Whether the network guesses the clean picture: one made for few steps, from pure noise."""
        return str(self.checkpoint.scheduler.config.prediction_type) == "sample"

    def resolution(self, recipe: Recipe) -> int:
        return recipe.resolution or min(LATENTS_A_SIDE * self.facts.latent_scale, self.facts.short_side)

    def short_side(self, recipe: Recipe) -> int:
        return max(recipe.short_side or self.facts.short_side, self.resolution(recipe))

    def config(self, recipe: Recipe, prompt: str) -> ResolvedConfig:
        """How the sample sheets are drawn."""
        style = self.pack.style
        return ResolvedConfig(
            style=recipe.name, checkpoint=self.facts.place, prompt=prompt, negative_prompt=style.negative_prompt,
            strength=style.strength, guidance=style.guidance, steps=style.steps, clip_skip=style.clip_skip,
            scheduler=style.scheduler, noise="fixed", size=self.short_side(recipe), controls=self.controls,
            loras=(), finish=style.finish, seed=recipe.seed, deflicker=0.0, repair="off", cadence="ones",
            hold="step", batch=1, device=str(self.checkpoint.device), precision=recipe.weights, offline=True,
        )  # fmt: skip


def load_standing(recipe: Recipe, device: torch.device) -> Standing:
    """Loads what a recipe builds upon.

    Raises:
        UsageError, ModelError, MissingPart: what is not there or does not fit.
    """
    pack = find_style(recipe.base)
    name = recipe.model or pack.style.checkpoint
    facts = inspect_checkpoint(name, offline=True)
    checkpoint = load_checkpoint(name, device, dtype_of(recipe.weights), offline=True)
    controls = pack.style.controls if recipe.control else ()
    conditions = []
    for control in controls:
        conditions.append(make_condition(control.condition, device, offline=True))
        net: Any = load_controlnet(checkpoint, control.condition, control.model, offline=True)
        checkpoint.controlnets[control.model or control.condition] = net
    return Standing(pack, facts, checkpoint, controls, conditions)
