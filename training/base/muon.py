"""Muon: steps of equal size in every direction of a weight matrix (Jordan et al., 2024)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

POLAR_EXPRESS = (
    (4.0848, -6.8946, 2.9270),
    (3.9505, -6.3029, 2.6377),
    (3.7418, -5.5913, 2.3037),
    (2.8769, -3.1427, 1.2046),
    (2.8366, -3.0525, 1.2012),
)
"""Odd polynomials a x + b x^3 + c x^5 that send singular values to one (Amsel et al., arXiv:2505.16932)."""


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest matrix with singular values of about one, of a (rows, columns) float32 matrix.

    The polynomials run on the small Gram matrix and touch the long side only twice: for 3x3 convolutions, nine
    times longer than high, that is less than half of the work.
    """
    rows, columns = matrix.shape
    if rows > columns:
        return orthogonal(matrix.T).T
    matrix = matrix / (matrix.norm() * 1.01 + 1e-7)
    gram = matrix @ matrix.T
    identity = torch.eye(rows, dtype=matrix.dtype)
    turn = identity
    for a, b, c in POLAR_EXPRESS:
        factor = a * identity + b * gram + c * (gram @ gram)
        turn = factor @ turn
        gram = factor @ gram @ factor
    return turn @ matrix


class Muon(torch.optim.Optimizer):
    """Momentum, then its orthogonalised step: for convolutions, taken as (outputs, inputs x kernel) matrices.

    Plain gradients move a few directions much and most of them hardly; here all move alike. The size of a step is
    that of AdamW at the same rate (0.2 root-mean-square of the rate), so both share one schedule.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, weight.grad, group)

    def _move(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        state["momentum"].lerp_(gradient, 1 - group["momentum"])
        ahead = gradient.lerp(state["momentum"], group["momentum"])
        matrix = orthogonal(ahead.reshape(len(weight), -1))
        size = 0.2 * max(matrix.shape) ** 0.5
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(matrix.view(weight.shape), alpha=-group["lr"] * size)


def convolutions(module: nn.Module) -> list[Tensor]:
    """The weights that Muon is for: 3x3 convolutions between hidden layers, not those at the model's ends."""
    return [
        layer.weight
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (3, 3)
        and not name.endswith(("unet.conv_in", "unet.conv_out", "controlnet.conv_in"))
        and "cond_embedding" not in name
    ]


__all__ = ["Muon", "convolutions", "orthogonal"]
