"""A checkpoint's networks as graphs with plain tensors in and out, as exporters want them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from stylize.diffusion import sampling
from stylize.diffusion.checkpoint import Checkpoint
from stylize.edge.manifest import ControlParts, Port

RGB = 3


@dataclass(frozen=True)
class Graph:
    """A network and its ports, in order."""

    name: str
    module: nn.Module
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def example(self, height: int, width: int, seed: int = 0) -> tuple[Tensor, ...]:
        """Random inputs for latents of that size."""
        return tuple(_random(port, port.at(height, width), seed) for port in self.inputs)


def _random(port: Port, shape: tuple[int, ...], seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    if port.dtype == "int64":
        return torch.zeros(shape, dtype=torch.int64)
    if port.name == "timestep":
        return torch.full(shape, 500.0)
    return torch.rand(shape, generator=generator)


class TextEncoder(nn.Module):
    """Token numbers (1, L) to the prompt's embedding (1, L, D)."""

    def __init__(self, encoder: Any, clip_skip: int) -> None:
        super().__init__()
        self.encoder, self.clip_skip = encoder, clip_skip

    def forward(self, tokens: Tensor) -> Tensor:
        if self.clip_skip == 0:
            return self.encoder(tokens)[0]
        states = self.encoder(tokens, output_hidden_states=True).hidden_states
        body = getattr(self.encoder, "text_model", self.encoder)
        return body.final_layer_norm(states[-(self.clip_skip + 1)])


class Encoder(nn.Module):
    """A picture in [0, 1] to its latents."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = _with_children(vae, decoder=None, post_quant_conv=None)

    def forward(self, picture: Tensor) -> Tensor:
        return sampling.encode(self.vae, picture)


class Decoder(nn.Module):
    """Latents to a picture in [0, 1]."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = _with_children(vae, encoder=None, quant_conv=None)

    def forward(self, latents: Tensor) -> Tensor:
        return sampling.decode(self.vae, latents)


class ControlPicture(nn.Module):
    """What a ControlNet makes of its picture. It is the same at every step, so it is computed once a frame."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.embedding = net.controlnet_cond_embedding
        self.turned = net.config.controlnet_conditioning_channel_order == "bgr"

    def forward(self, picture: Tensor) -> Tensor:
        return self.embedding(picture.flip(1) if self.turned else picture)


class ControlResiduals(nn.Module):
    """What a ControlNet adds to the UNet at a step, finest first, the middle last."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = _with_children(net, controlnet_cond_embedding=nn.Identity())
        self.turned = net.config.controlnet_conditioning_channel_order == "bgr"

    def forward(
        self, latents: Tensor, timestep: Tensor, prompt: Tensor, picture: Tensor
    ) -> tuple[Tensor, ...]:
        seen = picture.flip(1) if self.turned else picture  # the network turns it once more
        down, middle = self.net(latents, timestep, prompt, seen, return_dict=False)
        return *down, middle


class Denoiser(nn.Module):
    """The UNet, with the residuals that hold it as further inputs; without a ControlNet it has none."""

    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, latents: Tensor, timestep: Tensor, prompt: Tensor, *residuals: Tensor) -> Tensor:
        held = {}
        if residuals:
            held = {
                "down_block_additional_residuals": residuals[:-1],
                "mid_block_additional_residual": residuals[-1],
            }
        return self.unet(latents, timestep, prompt, return_dict=False, **held)[0]


def _with_children(module: Any, **children: nn.Module | None) -> Any:
    """A shallow copy with some of its children exchanged, or taken out where None stands: a part is made of what it
    runs, and no weight is counted or quantized in two."""
    alike = copy.copy(module)
    alike._modules = {name: children.get(name, child) for name, child in module._modules.items()}
    return alike


def graphs_of(checkpoint: Checkpoint, nets: Mapping[str, Any], clip_skip: int) -> Iterator[Graph]:
    """Every network of a checkpoint; a ControlNet gives two graphs.

    Args:
        nets: ControlNets by their conditions.
    """
    unet, scale = checkpoint.unet.config, checkpoint.latent_scale
    length = int(checkpoint.tokenizer.model_max_length)
    prompt = Port(name="prompt", shape=(1, length, int(unet.cross_attention_dim)))
    latents = Port(name="latents", shape=(1, int(unet.in_channels), "height", "width"))
    picture = Port(name="picture", shape=(1, RGB, f"height*{scale}", f"width*{scale}"))
    instant = Port(name="timestep", shape=(1,))
    tokens = Port(name="tokens", shape=(1, length), dtype="int64")
    yield Graph("text_encoder", TextEncoder(checkpoint.text_encoder, clip_skip), (tokens,), (prompt,))
    yield Graph("encoder", Encoder(checkpoint.vae), (picture,), (latents,))
    yield Graph("decoder", Decoder(checkpoint.vae), (latents,), (picture,))
    residuals: tuple[Port, ...] = ()
    for name, net in nets.items():
        first = int(net.config.block_out_channels[0])
        seen = Port(name="seen", shape=(1, first, "height", "width"))
        parts = control_parts(name)
        yield Graph(parts.picture, ControlPicture(net), (picture,), (seen,))
        inputs = (latents, instant, prompt, seen)
        residuals = residuals or _residual_ports(ControlResiduals(net), inputs)
        yield Graph(parts.residuals, ControlResiduals(net), inputs, residuals)
    guess = Port(name="guess", shape=(1, int(unet.out_channels), "height", "width"))
    yield Graph("unet", Denoiser(checkpoint.unet), (latents, instant, prompt, *residuals), (guess,))


def control_parts(condition: str) -> ControlParts:
    """The names of a ControlNet's two parts."""
    return ControlParts(
        condition=condition, picture=f"controlnet.{condition}.picture", residuals=f"controlnet.{condition}"
    )


def _residual_ports(module: nn.Module, inputs: tuple[Port, ...]) -> tuple[Port, ...]:
    """The shapes of a ControlNet's answers, from a run on a small picture."""
    side = 64
    example = tuple(_random(port, port.at(side, side), 0) for port in inputs)
    with torch.no_grad():
        answers = module(*example)
    ports = []
    for number, answer in enumerate(answers):
        part = side // answer.shape[2]
        sides = ("height", "width") if part == 1 else (f"height/{part}", f"width/{part}")
        ports.append(Port(name=f"residual_{number}", shape=(1, int(answer.shape[1]), *sides)))
    return tuple(ports)
