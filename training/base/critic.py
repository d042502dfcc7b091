"""A small network that learns beside the model to tell its drawings from true ones, and so what they lack."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations

RATE = 2e-4
WARMUP = 200
"""Steps in which the critic alone learns before the model listens to it, and as many in which it listens more and
more."""
FEATURES_SHARE = 5.0
"""Weight of the features' difference beside the critic's verdict."""
SLOPE = 0.2
LAYERS = ((6, 24, 4, 2), (24, 48, 4, 2), (48, 64, 3, 1), (64, 1, 3, 1))
"""Channels in and out, side of the kernel, and stride of each convolution; the last gives the verdicts."""


class CriticNetwork(nn.Module):
    """Photograph and drawing in; a verdict for each patch of some 30 px out: above zero for true drawings.

    What it sees of the photograph keeps the model from drawing well what is not there.
    """

    def __init__(self) -> None:
        super().__init__()
        made = [nn.Conv2d(*layer, padding=1) for layer in LAYERS]
        self.layers = nn.ModuleList(parametrizations.spectral_norm(layer) for layer in made)

    def forward(self, photo: Tensor, drawing: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The verdicts (N, 1, h, w), and the features of every layer before them.

        Args:
            photo, drawing: (N, 3, H, W) in [-1, 1].
        """
        x, features = torch.cat([photo, drawing], dim=1), []
        for layer in list(self.layers)[:-1]:
            x = functional.leaky_relu(layer(x), SLOPE)
            features.append(x)
        return self.layers[-1](x), features


class Critic:
    """The network with its optimiser: what it thinks of drawings, and how it learns from them.

    It computes in float32: on a CPU, gradients of its convolutions in bfloat16 took far longer.
    """

    def __init__(self, device: torch.device) -> None:
        self.network = CriticNetwork().to(device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=RATE, betas=(0.5, 0.99))

    def loss(self, photo: Tensor, drawing: Tensor, truth: Tensor, step: int) -> Tensor:
        """What the model has to lower: how far the critic takes its drawings for untrue, and how far the critic's
        features of them lie from those of the true ones. Zero until the critic has learnt something.
        """
        share = min(max((step - WARMUP) / WARMUP, 0.0), 1.0)
        if share == 0:
            return drawing.new_zeros(())
        self.network.requires_grad_(False)
        verdicts, seen = self.network(photo, drawing)
        with torch.no_grad():
            _, wanted = self.network(photo, truth)
        self.network.requires_grad_(True)
        apart = [(one - other).abs().mean() for one, other in zip(seen, wanted, strict=True)]
        return share * (FEATURES_SHARE * torch.stack(apart).mean() - verdicts.mean())

    def learn(self, photo: Tensor, drawing: Tensor, truth: Tensor) -> None:
        """A step of telling drawings from true ones (hinge loss)."""
        untrue, _ = self.network(photo, drawing)
        true, _ = self.network(photo, truth)
        loss = functional.relu(1 + untrue).mean() + functional.relu(1 - true).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
