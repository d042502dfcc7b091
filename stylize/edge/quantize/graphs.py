"""A checkpoint's networks with tensors as inputs and outputs, in the form that the ONNX exporter takes."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from stylize.diffusion import sampling
from stylize.diffusion.checkpoint import Checkpoint
from stylize.edge.manifest import ControlNetParts, Port

RGB = 3


@dataclass(frozen=True)
class Graph:
    """A network with its inputs and outputs, in order."""

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
    """Token numbers (1, L) int64 to the prompt's embedding (1, L, D)."""

    def __init__(self, encoder: Any, clip_skip: int) -> None:
        super().__init__()
        self.encoder, self.clip_skip = encoder, clip_skip

    def forward(self, tokens: Tensor) -> Tensor:
        if self.clip_skip == 0:
            return self.encoder(tokens)[0]
        states = self.encoder(tokens, output_hidden_states=True).hidden_states
        body = getattr(self.encoder, "text_model", self.encoder)
        return body.final_layer_norm(states[-(self.clip_skip + 1)])


class LatentEncoder(nn.Module):
    """A picture in [0, 1] to its latents."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = _with_children(vae, decoder=None, post_quant_conv=None)

    def forward(self, picture: Tensor) -> Tensor:
        return sampling.encode(self.vae, picture)


class LatentDecoder(nn.Module):
    """Latents to a picture in [0, 1]."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = _with_children(vae, encoder=None, quant_conv=None)

    def forward(self, latents: Tensor) -> Tensor:
        return sampling.decode(self.vae, latents)


class ControlNetEmbedding(nn.Module):
    """A ControlNet's embedding of its picture: the same at every step, so it is computed once a frame."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.embedding = net.controlnet_cond_embedding
        self.is_bgr = net.config.controlnet_conditioning_channel_order == "bgr"

    def forward(self, picture: Tensor) -> Tensor:
        return self.embedding(picture.flip(1) if self.is_bgr else picture)


class ControlNetResiduals(nn.Module):
    """What a ControlNet adds to the UNet: residuals for the levels down, finest first, and for the middle."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = _with_children(net, controlnet_cond_embedding=nn.Identity())
        self.is_bgr = net.config.controlnet_conditioning_channel_order == "bgr"

    def forward(
        self, latents: Tensor, timestep: Tensor, prompt: Tensor, embedding: Tensor
    ) -> tuple[Tensor, ...]:
        if self.is_bgr:
            embedding = embedding.flip(1)  # the network flips its picture's channels: this undoes it
        down, middle = self.net(latents, timestep, prompt, embedding, return_dict=False)
        return *down, middle


class Denoiser(nn.Module):
    """The UNet; the sums of the ControlNets' residuals, if there are any, are further inputs."""

    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, latents: Tensor, timestep: Tensor, prompt: Tensor, *residuals: Tensor) -> Tensor:
        options = {}
        if residuals:
            options = {
                "down_block_additional_residuals": residuals[:-1],
                "mid_block_additional_residual": residuals[-1],
            }
        return self.unet(latents, timestep, prompt, return_dict=False, **options)[0]


def _with_children(module: Any, **children: nn.Module | None) -> Any:
    """A shallow copy of a module with some of its children replaced, or left out where None is given: so a part
    holds what it runs only, and no weight is counted or quantized in two parts."""
    alike = copy.copy(module)
    alike._modules = {name: children.get(name, child) for name, child in module._modules.items()}
    return alike


def graphs_of(checkpoint: Checkpoint, controlnets: Mapping[str, Any], clip_skip: int) -> Iterator[Graph]:
    """Every network of a checkpoint as a graph; a ControlNet becomes two.

    Args:
        controlnets: by their conditions.
    """
    unet, scale = checkpoint.unet.config, checkpoint.latent_scale
    length = int(checkpoint.tokenizer.model_max_length)
    prompt = Port(name="prompt", shape=(1, length, int(unet.cross_attention_dim)))
    latents = Port(name="latents", shape=(1, int(unet.in_channels), "height", "width"))
    picture = Port(name="picture", shape=(1, RGB, f"height*{scale}", f"width*{scale}"))
    timestep = Port(name="timestep", shape=(1,))
    tokens = Port(name="tokens", shape=(1, length), dtype="int64")
    yield Graph("text_encoder", TextEncoder(checkpoint.text_encoder, clip_skip), (tokens,), (prompt,))
    yield Graph("encoder", LatentEncoder(checkpoint.vae), (picture,), (latents,))
    yield Graph("decoder", LatentDecoder(checkpoint.vae), (latents,), (picture,))
    residuals: tuple[Port, ...] = ()
    for condition, net in controlnets.items():
        first = int(net.config.block_out_channels[0])
        embedding = Port(name="embedding", shape=(1, first, "height", "width"))
        parts = controlnet_parts(condition)
        yield Graph(parts.picture, ControlNetEmbedding(net), (picture,), (embedding,))
        inputs = (latents, timestep, prompt, embedding)
        residuals = residuals or _residual_ports(ControlNetResiduals(net), inputs)
        yield Graph(parts.residuals, ControlNetResiduals(net), inputs, residuals)
    prediction = Port(name="prediction", shape=(1, int(unet.out_channels), "height", "width"))
    yield Graph("unet", Denoiser(checkpoint.unet), (latents, timestep, prompt, *residuals), (prediction,))


def controlnet_parts(condition: str) -> ControlNetParts:
    """The names of a ControlNet's two parts."""
    return ControlNetParts(
        condition=condition, picture=f"controlnet.{condition}.picture", residuals=f"controlnet.{condition}"
    )


def _residual_ports(module: nn.Module, inputs: tuple[Port, ...]) -> tuple[Port, ...]:
    """The shapes of a ControlNet's residuals, found by running it on a small picture."""
    side = 64
    example = tuple(_random(port, port.at(side, side), 0) for port in inputs)
    with torch.no_grad():
        residuals = module(*example)
    ports = []
    for number, residual in enumerate(residuals):
        factor = side // residual.shape[2]
        sides = ("height", "width") if factor == 1 else (f"height/{factor}", f"width/{factor}")
        ports.append(Port(name=f"residual_{number}", shape=(1, int(residual.shape[1]), *sides)))
    return tuple(ports)
