"""Whether what a file holds for a module can be its change, before anything is computed: a file is a stranger's,
and the product of two small tensors can be larger than any memory."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from torch import Tensor

from stylize.diffusion.lora.methods import METHODS, Tensors
from stylize.diffusion.lora.roles import ModuleChange
from stylize.errors import ModelError

BIASES = ("diff_b", "up_bias")
PAIRS = (("up", "down"), ("hada_w1_a", "hada_w1_b"), ("hada_w2_a", "hada_w2_b"), ("hada_w1_a", "hada_w2_a"))
CORES = ("mid", "hada_t1", "hada_t2", "lokr_t1", "lokr_t2")
"""Between the two halves of a product, (R, R, kernel height, kernel width)."""
HALVES = (
    "hada_w1_a",
    "hada_w1_b",
    "hada_w2_a",
    "hada_w2_b",
    "lokr_w1_a",
    "lokr_w1_b",
    "lokr_w2_a",
    "lokr_w2_b",
)
HINT = "the file is damaged, or another program's own form; train or convert it again"


def check_change(change: ModuleChange, place: str, module: Any, where: Path) -> None:
    """Checks what a file holds for a module by the shapes alone.

    Args:
        place: the module's name in the checkpoint.

    Raises:
        ModelError: a part is missing or has no such shape, or it is for a module of another size.
    """
    tensors, shape = change.tensors, tuple(module.weight.shape)
    for first, second in PAIRS:
        if (first in tensors) != (second in tensors):
            raise ModelError(f"This LoRA is incomplete: at {place} one half is missing.", where=where)
    _check_shapes(tensors, shape, place, where)
    for role, axis in (("down", 1), ("up", 0)):
        if role in tensors and len(shape) < 2:
            raise ModelError(f"This LoRA is for another architecture: {place} is no matrix.", where=where)
        if role in tensors and tensors[role].shape[axis] != shape[axis]:
            raise ModelError(
                f"This LoRA is for another architecture: at {place} it has {tensors[role].shape[axis]} channels, "
                f"this checkpoint {shape[axis]}.",
                where=where,
            )
    biases = [role for role in BIASES if role in tensors]
    if biases and getattr(module, "bias", None) is None:
        raise ModelError(f"This LoRA changes a bias that {place} does not have.", where=where)
    if any(role in tensors for role in METHODS):
        _check_size(tensors, shape, place, where)


def _check_shapes(tensors: Tensors, shape: tuple[int, ...], place: str, where: Path) -> None:
    """Raises ModelError: a tensor is empty, or has not as many sides as its role."""
    for role, tensor in tensors.items():
        sides = tensor.dim()
        fits = {
            **dict.fromkeys(("up", "down"), sides >= 2),
            **dict.fromkeys(HALVES, sides == 2),
            # A rank above the weight's sides means nothing, and would make large tensors on the way.
            **dict.fromkeys(CORES, sides == 4 and max(tensor.shape[:2]) <= max(shape)),
            "magnitude": len(shape) >= 2 and tensor.numel() in shape[:2],
        }
        if tensor.numel() == 0 or not fits.get(role, True):
            raise ModelError(
                f"This LoRA cannot be read: at {place} its {role} has the shape {tuple(tensor.shape)}.",
                where=where,
                hint=HINT,
            )


def _check_size(tensors: Tensors, shape: tuple[int, ...], place: str, where: Path) -> None:
    """Raises ModelError: the change has not as many values as the module's weight."""
    try:
        counts = _counts(tensors)
    except KeyError as error:
        raise ModelError(f"This LoRA is incomplete: at {place} one half is missing.", where=where) from error
    if any(count != prod(shape) for count in counts):
        raise ModelError(
            f"This LoRA is for another architecture: what it holds for {place} does not fit a weight of {shape}.",
            where=where,
        )


def _counts(tensors: Tensors) -> list[int]:
    """How many values a change has; of a LoHa, each of the two products that it is made of."""
    if "up" in tensors:
        kernel = prod(tensors["mid"].shape[2:]) if "mid" in tensors else 1
        return [tensors["up"].shape[0] * prod(tensors["down"].shape[1:]) * kernel]
    if "hada_w1_a" in tensors:
        return [
            _product(tensors.get(f"hada_t{half}"), tensors[f"hada_w{half}_a"], tensors[f"hada_w{half}_b"])
            for half in (1, 2)
        ]
    if "diff" in tensors:
        return [tensors["diff"].numel()]
    return [_kronecker(tensors, 1) * _kronecker(tensors, 2)]


def _kronecker(tensors: Tensors, half: int) -> int:
    whole = tensors.get(f"lokr_w{half}")
    if whole is not None:
        return whole.numel()
    return _product(tensors.get(f"lokr_t{half}"), tensors[f"lokr_w{half}_a"], tensors[f"lokr_w{half}_b"])


def _product(core: Tensor | None, left: Tensor, right: Tensor) -> int:
    if core is None:
        return left.shape[0] * right.shape[1]
    return left.shape[1] * right.shape[1] * prod(core.shape[2:])
