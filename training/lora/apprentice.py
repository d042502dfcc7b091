"""What learns: a LoRA over the networks, or a ControlNet beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch
from diffusers import ControlNetModel
from torch import nn

from stylize.config.style import Control
from stylize.diffusion.checkpoint import Checkpoint, load_controlnet
from stylize.diffusion.conditions import make_condition
from stylize.errors import ModelError
from training.lora.adapter import lay_adapter, trainable, write_lora
from training.lora.recipe import Recipe
from training.lora.standing import Standing


class Apprentice(Protocol):
    """Weights that are trained, how to draw without them, and how they are written."""

    weights: list[nn.Parameter]

    def untaught(self) -> Any:
        """A context in which the networks draw as they did before."""

    def write(self, folder: Path) -> int:
        """Writes what was learnt; how many bytes it has."""


class LoraApprentice:
    """A LoRA over the UNet, and over the text encoder where the recipe says so."""

    def __init__(self, standing: Standing, recipe: Recipe) -> None:
        self.checkpoint = standing.checkpoint
        lay_adapter(self.checkpoint.unet, self.checkpoint.text_encoder, recipe)
        self.weights = trainable(self.checkpoint.unet, self.checkpoint.text_encoder)

    @contextmanager
    def untaught(self) -> Iterator[None]:
        self.checkpoint.unet.disable_adapters()
        try:
            yield
        finally:
            self.checkpoint.unet.enable_adapters()

    def write(self, folder: Path) -> int:
        return write_lora(self.checkpoint.unet, self.checkpoint.text_encoder, folder / "LoRA.safetensors")


class ControlNetApprentice:
    """A ControlNet for a condition that the checkpoint has none for.

    It begins as a copy of a ControlNet that the checkpoint brings, if it brings one for another condition, else
    silent, on the UNet's own encoder. Source: Zhang et al., "Adding Conditional Control to Text-to-Image Diffusion
    Models", ICCV 2023.
    """

    def __init__(self, standing: Standing, recipe: Recipe) -> None:
        assert recipe.condition is not None
        checkpoint = standing.checkpoint
        self.net: Any = _first_net(checkpoint, standing.controls)
        self.net.float().requires_grad_(True)
        self.weights = list(self.net.parameters())
        checkpoint.controlnets = {recipe.condition: self.net}
        standing.controls = (Control(condition=recipe.condition),)
        standing.conditions = [make_condition(recipe.condition, checkpoint.device, offline=True)]

    @contextmanager
    def untaught(self) -> Iterator[None]:
        """As it began: called before the first step is taken."""
        yield

    def write(self, folder: Path) -> int:
        self.net.to("cpu", torch.float16).save_pretrained(folder)
        for file in folder.glob("*.safetensors"):
            file.chmod(0o644)
        return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _first_net(checkpoint: Checkpoint, controls: tuple[Control, ...]) -> Any:
    for control in controls:
        try:
            return load_controlnet(checkpoint, control.condition, control.model, offline=True)
        except ModelError:
            continue
    torch.manual_seed(0)
    return ControlNetModel.from_unet(checkpoint.unet).to(checkpoint.device)
