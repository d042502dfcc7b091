"""What each method of fine-tuning adds to a weight, by the definition of the method.

All functions take tensors by the roles of `stylize.diffusion.lora.roles` and return the change of a module's
weight, float32, before the user's own weight of the LoRA.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

Tensors = Mapping[str, Tensor]
Shape = tuple[int, ...]


def lora(tensors: Tensors, scale: float, shape: Shape) -> Tensor:
    """up·down, and up·mid·down where a 3x3 kernel is decomposed as well (LoCon's CP decomposition).

    Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022; LyCORIS (Yeh et al.), ICLR
    2024.
    """
    up, down = tensors["up"], tensors["down"]
    if "mid" in tensors:
        kernel = torch.einsum("oa,abkl,bi->oikl", up.flatten(1), tensors["mid"], down.flatten(1))
        return kernel.reshape(shape) * scale
    if down.dim() == 4 and down.shape[2:] != (1, 1) and up.shape[2:] == (1, 1):
        return functional.conv2d(down.transpose(0, 1), up).transpose(0, 1).reshape(shape) * scale
    return (up.flatten(1) @ down.flatten(1)).reshape(shape) * scale


def loha(tensors: Tensors, scale: float, shape: Shape) -> Tensor:
    """The elementwise product of two products of low rank.

    Source: Hyeon-Woo et al., "FedPara", ICLR 2022.
    """
    halves = [
        _tucker(tensors.get(f"hada_t{half}"), tensors[f"hada_w{half}_a"], tensors[f"hada_w{half}_b"])
        for half in (1, 2)
    ]
    return (halves[0] * halves[1]).reshape(shape) * scale


def lokr(tensors: Tensors, scale: float, shape: Shape) -> Tensor:
    """The Kronecker product of two matrices, each whole or itself a product of low rank.

    Source: Edalati et al., "KronA", 2022; LyCORIS.
    """
    first, second = _kronecker_factor(tensors, 1), _kronecker_factor(tensors, 2)
    if second.dim() == 4 and first.dim() == 2:
        first = first[:, :, None, None]
    return torch.kron(first, second.contiguous()).reshape(shape) * scale


def full(tensors: Tensors, scale: float, shape: Shape) -> Tensor:
    """The whole difference (LyCORIS 'full' and 'norm')."""
    return tensors["diff"].reshape(shape) * scale


METHODS: dict[str, Callable[[Tensors, float, Shape], Tensor]] = {
    "up": lora,
    "hada_w1_a": loha,
    "lokr_w1": lokr,
    "lokr_w1_a": lokr,
    "diff": full,
}
"""The methods, each by a role that only it has."""


def rank_of(tensors: Tensors) -> int | None:
    """The rank that an alpha is divided by; None where nothing is of low rank, so that alpha counts for nothing."""
    for role, axis in (("down", 0), ("hada_w1_b", 0), ("lokr_w1_b", 0), ("lokr_w2_b", 0)):
        if role in tensors:
            return int(tensors[role].shape[axis])
    return None


def with_magnitude(weight: Tensor, change: Tensor, magnitude: Tensor) -> Tensor:
    """The change of a weight whose directions are trained apart from their lengths (DoRA).

    Args:
        magnitude: the trained lengths: of the rows (one for each output), or of the columns, as its shape tells.

    Source: Liu et al., "DoRA: Weight-Decomposed Low-Rank Adaptation", ICML 2024: W' = m (W + dW) / |W + dW|.
    """
    moved = weight + change
    by_output = magnitude.numel() == weight.shape[0] and (magnitude.dim() < 2 or magnitude.shape[-1] == 1)
    if magnitude.dim() >= 2 and magnitude.shape[0] == 1 and magnitude.shape[1] != 1:
        by_output = magnitude.dim() == 4 and magnitude.shape[1] != weight.shape[1]  # peft's, of a convolution
    if by_output:
        lengths = moved.flatten(1).norm(dim=1)
        factors = (magnitude.flatten() / lengths).reshape(-1, *[1] * (weight.dim() - 1))
    else:
        lengths = moved.transpose(0, 1).flatten(1).norm(dim=1)
        factors = (magnitude.flatten() / lengths).reshape(1, -1, *[1] * (weight.dim() - 2))
    return moved * factors - weight


def _tucker(core: Tensor | None, left: Tensor, right: Tensor) -> Tensor:
    if core is None:
        return left @ right
    return torch.einsum("ijkl,ip,jr->prkl", core, left, right)


def _kronecker_factor(tensors: Tensors, half: int) -> Tensor:
    whole = tensors.get(f"lokr_w{half}")
    if whole is not None:
        return whole
    return _tucker(tensors.get(f"lokr_t{half}"), tensors[f"lokr_w{half}_a"], tensors[f"lokr_w{half}_b"])
