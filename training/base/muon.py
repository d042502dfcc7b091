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


def orthogonal(matrices: Tensor) -> Tensor:
    """The nearest matrices with singular values of about one, of (..., rows, columns) float32 matrices.

    The polynomials run on the small Gram matrix and touch the long side only twice: for 3x3 convolutions, nine
    times longer than high, that is less than half of the work.
    """
    rows, columns = matrices.shape[-2:]
    if rows > columns:
        return orthogonal(matrices.mT).mT
    matrices = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) * 1.01 + 1e-7)
    gram = matrices @ matrices.mT
    identity = torch.eye(rows, dtype=matrices.dtype, device=matrices.device)
    turn = identity
    for a, b, c in POLAR_EXPRESS:
        factor = a * identity + b * gram + c * (gram @ gram)
        turn = factor @ turn
        gram = factor @ gram @ factor
    return turn @ matrices


class Muon(torch.optim.Optimizer):
    """Momentum, then an orthogonalised step: for convolutions, taken as (outputs, inputs x kernel) matrices.

    Plain gradients change few directions of a matrix much and most hardly at all; here all change alike. A step is
    as large as one of AdamW at the same rate (root mean square 0.2 times the rate), so that both share one
    schedule.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[Tensor]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    by_shape.setdefault((len(weight), weight[0].numel()), []).append(weight)
            for shape, weights in by_shape.items():
                self._move(weights, shape, group)

    def _move(self, weights: list[Tensor], shape: tuple[int, ...], group: dict[str, Any]) -> None:
        """Moves the weights of one shape in one batched product: on a GPU twenty small ones take as long as one."""
        updates = []
        for weight in weights:
            state = self.state[weight]
            if not state:
                state["momentum"] = torch.zeros_like(weight)
            state["momentum"].lerp_(weight.grad, 1 - group["momentum"])
            updates.append(weight.grad.lerp(state["momentum"], group["momentum"]).reshape(shape))
        steps = orthogonal(torch.stack(updates))
        size = 0.2 * max(shape) ** 0.5
        for weight, step in zip(weights, steps, strict=True):
            weight.mul_(1 - group["lr"] * group["weight_decay"])
            weight.add_(step.view(weight.shape), alpha=-group["lr"] * size)


def convolutions(module: nn.Module) -> list[Tensor]:
    """The weights that Muon trains: 3x3 convolutions between hidden layers, not the model's first and last
    layers."""
    return [
        layer.weight
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (3, 3)
        and not name.endswith(("unet.conv_in", "unet.conv_out", "controlnet.conv_in"))
        and "cond_embedding" not in name
    ]
