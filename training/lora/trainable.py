"""What is trained: a LoRA inside the networks, or a ControlNet beside them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import torch
from diffusers import ControlNetModel
from torch import nn

from stylize.config.style import Control
from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.conditions import make_condition
from stylize.diffusion.controlnets import load_controlnet
from stylize.errors import ModelError
from training.lora.adapter import adapters_disabled, add_adapter, trainable_parameters, write_lora
from training.lora.base_model import BaseModel
from training.lora.recipe import StyleRecipe

LORA_FILE = "LoRA.safetensors"


class Trainable(Protocol):
    """The weights that are trained, and how they are written."""

    weights: list[nn.Parameter]

    def untrained(self) -> AbstractContextManager[None]:
        """A context in which the networks draw as before the training; asked for before the first step."""

    def write(self, folder: Path) -> int:
        """Writes the trained weights into `folder`; returns their size in bytes."""


class TrainableLora:
    """A LoRA on the UNet, and on the text encoder where the recipe gives it a rank."""

    def __init__(self, base_model: BaseModel, recipe: StyleRecipe) -> None:
        self.checkpoint = base_model.checkpoint
        add_adapter(self.checkpoint.unet, self.checkpoint.text_encoder, recipe)
        self.weights = trainable_parameters(self.checkpoint.unet, self.checkpoint.text_encoder)

    def untrained(self) -> AbstractContextManager[None]:
        return adapters_disabled(self.checkpoint.unet, self.checkpoint.text_encoder)

    def write(self, folder: Path) -> int:
        return write_lora(self.checkpoint.unet, self.checkpoint.text_encoder, folder / LORA_FILE)


class TrainableControlNet:
    """A ControlNet for a condition that the checkpoint has none for. It becomes the base model's only one.

    It starts as a copy of a ControlNet that the base style uses for another condition; where there is none, from
    the UNet's own encoder, with output layers at zero. Source: Zhang et al., "Adding Conditional Control to
    Text-to-Image Diffusion Models", ICCV 2023.
    """

    def __init__(self, base_model: BaseModel, recipe: StyleRecipe) -> None:
        assert recipe.condition is not None
        checkpoint = base_model.checkpoint
        self.net: Any = _initial_controlnet(checkpoint, base_model.controls)
        self.net.float().requires_grad_(True)
        self.weights = list(self.net.parameters())
        checkpoint.controlnets = {recipe.condition: self.net}
        base_model.controls = (Control(condition=recipe.condition),)
        base_model.conditions = [make_condition(recipe.condition, checkpoint.device, offline=True)]

    def untrained(self) -> AbstractContextManager[None]:
        return nullcontext()

    def write(self, folder: Path) -> int:
        self.net.to("cpu", torch.float16).save_pretrained(folder)
        for file in folder.glob("*.safetensors"):
            file.chmod(0o644)
        return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _initial_controlnet(checkpoint: Checkpoint, controls: tuple[Control, ...]) -> Any:
    for control in controls:
        try:
            return load_controlnet(checkpoint, control.condition, control.model, offline=True)
        except (
            ModelError
        ):  # the base style's ControlNet is for another family of checkpoints: try the next one
            continue
    torch.manual_seed(0)
    return ControlNetModel.from_unet(checkpoint.unet).to(checkpoint.device)
