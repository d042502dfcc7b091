"""A real, trained autoencoder that is not ours, quantized: what eight and sixteen bits cost on weights that matter.

The decoder of madebyollin's taef2 (32 latent channels, f8), rebuilt from its state dict's own names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.edge.speed import square
from stylize.edge.quantize.measure import sqnr

FRAMES_PX = 256


def table(encoder: Path, decoder: Path, clip: Path) -> Iterator[str]:
    """Latents of the clip's own frames, by the float encoder."""
    import torch
    from torch import nn

    from stylize.edge.manifest import Port
    from stylize.edge.quantize.graphs import Graph
    from stylize.edge.quantize.simulate import simulate
    from stylize.edge.targets import TARGETS

    encode, decode = (_network(torch.load(file, weights_only=True)) for file in (encoder, decoder))
    plate = torch.from_numpy(square(clip, FRAMES_PX).transpose(2, 0, 1)[None])
    with torch.no_grad():
        latents = [encode(each) for each in (plate, plate.flip(3), plate.flip(2))]
        truth = decode(latents[0]).numpy()
    channels = int(latents[0].shape[1])
    ports = (
        Port(name="latents", shape=(1, channels, "height", "width")),
        Port(name="picture", shape=(1, 3, "height*8", "width*8")),
    )
    graph = Graph("decoder", nn.Sequential(decode), ports[:1], ports[1:])
    back = float(np.square(truth - plate.numpy()).mean())
    yield f"rebuilt from its names: a frame of {FRAMES_PX} px comes back at {-10 * np.log10(back):.1f} dB\n"
    yield "| taef2 decoder, trained by others | PSNR to float, dB | SQNR, dB |"
    yield "|-|-|-|"
    for name, words in (("htp-w8a16", "W8A16"), ("cpu-int8", "W8A8"), ("w8", "W8")):
        sim: Any = simulate(graph, TARGETS[name], [(each,) for each in latents[1:]])
        with torch.no_grad():
            answer = sim.model(latents[0]).numpy()
        error = float(np.square(answer - truth).mean())
        yield f"| {words} | {-10 * np.log10(error):.1f} | {sqnr(answer, truth):.1f} |"


def _network(state: dict[str, Any]) -> Any:
    """The network that a state dict's names and shapes describe: convolutions and residual blocks, between them the
    halvings of an encoder or the doublings of a decoder."""
    from torch import nn

    groups: dict[int, dict[str, Any]] = {}
    for name, tensor in state.items():
        place, _, rest = name.partition(".")
        groups.setdefault(int(place), {})[rest] = tensor
    is_decoder = 0 not in groups
    layers: list[Any] = [_soft()] if is_decoder else []
    for place in sorted(groups):
        group = groups[place]
        if "weight" not in group:
            layers.append(_block(group))
            continue
        resizes = "bias" not in group  # convolutions beside a change of size have none
        weight = group["weight"]
        if resizes and is_decoder:
            layers.append(nn.Upsample(scale_factor=2))
        stride = 2 if resizes and not is_decoder else 1
        layers.append(nn.Conv2d(weight.shape[1], weight.shape[0], 3, stride, 1, bias=not resizes))
        if is_decoder and place == 1:
            layers.append(nn.ReLU())
    network = nn.Sequential(*layers).float()
    ours = list(network.state_dict())
    return _filled(network, dict(zip(ours, state.values(), strict=True)))


def _filled(network: Any, state: dict[str, Any]) -> Any:
    network.load_state_dict({name: each.float() for name, each in state.items()})
    return network.eval().requires_grad_(False)


def _block(group: dict[str, Any]) -> Any:
    from torch import nn

    width = group["conv.0.weight"].shape[0]
    middle = group["pool.0.weight"].shape[0] if "pool.0.weight" in group else 0

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1), nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1), nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1),
            )  # fmt: skip
            self.fuse = nn.ReLU()
            self.pool = None
            if middle:
                self.pool = nn.Sequential(
                    nn.Conv2d(width, middle, 1, bias=False), nn.GroupNorm(4, middle), nn.ReLU(),
                    nn.Conv2d(middle, width, 1, bias=False),
                )  # fmt: skip

        def forward(self, picture: Any) -> Any:
            if self.pool is not None:
                picture = picture + self.pool(picture)
            return self.fuse(self.conv(picture) + picture)

    return Block()


def _soft() -> Any:
    """Latents are kept within +-3, softly."""
    from torch import nn

    class Soft(nn.Module):
        def forward(self, latents: Any) -> Any:
            return (latents / 3).tanh() * 3

    return Soft()
