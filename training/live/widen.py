"""A network begins from a smaller one that is trained already: it draws the same, and has room to learn."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from stylize.errors import UsageError
from training.live.network import BranchedConv, Join, LiveNetwork


def widen(network: nn.Module, smaller: nn.Module) -> None:
    """Gives a fresh network the weights of a smaller one.

    The smaller one's channels come first. The others begin with random filters and a weight of zero in all that
    reads them, so the drawing stays the same until they are of use. Layers that only the larger one has begin by
    passing on what they get, all but its negative part.

    Raises:
        UsageError: it is no smaller one.

    Source: Chen et al., "Net2Net: Accelerating Learning via Knowledge Transfer", ICLR 2016.
    """
    if not (isinstance(network, LiveNetwork) and isinstance(smaller, LiveNetwork)) or any(
        narrow > wide for narrow, wide in zip(smaller.shape.channels, network.shape.channels, strict=True)
    ):
        raise UsageError(
            "A network begins from a smaller live one only.", hint="leave --begin-from out, or name another"
        )
    known = dict(smaller.named_modules())
    with torch.no_grad():
        for name, module in network.named_modules():
            old = known.get(name)
            if isinstance(module, BranchedConv) and isinstance(old, BranchedConv):
                _place(module.conv.weight, old.conv.weight, 0)
                _place(module.point, old.point, 0)
                _place(module.edges, old.edges, 1)
                _place(module.conv.bias, old.conv.bias, 0)
                module.edge_scales[:, : old.edge_scales.shape[1]] = old.edge_scales
            elif isinstance(module, BranchedConv):
                module.conv.weight.zero_()
            elif isinstance(module, Join) and isinstance(old, Join):
                _widen_join(module, old)


def _widen_join(join: Join, old: Join) -> None:
    for name in ("rise", "gate_shallow", "gate_risen"):
        wide, narrow = getattr(join, name), getattr(old, name)
        _place(wide.weight, narrow.weight, 0)
        if narrow.bias is not None:
            _place(wide.bias, narrow.bias, 0)


def _place(wide: Tensor | None, narrow: Tensor | None, axis: int) -> None:
    """Copies `narrow` to the beginning of `wide`, whose outputs lie along `axis` and inputs along the next one."""
    assert wide is not None
    assert narrow is not None
    outputs = narrow.shape[axis]
    if wide.dim() == axis + 1:
        wide.narrow(axis, 0, outputs).copy_(narrow)
        return
    rows = wide.narrow(axis, 0, outputs)
    rows.zero_()
    rows.narrow(axis + 1, 0, narrow.shape[axis + 1]).copy_(narrow)
