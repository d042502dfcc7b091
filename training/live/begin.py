"""A network begins from one that is exported: from a live model that knows how to draw."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from stylize.edge.live.find import bundled_live_models
from stylize.errors import ModelError, UsageError
from training.live.export import WEIGHTS
from training.live.network import BranchedConv
from training.live.train import trained_network
from training.live.widen import widen

BODY = "anime"
"""The style of the bundled live models that trainings on few pairs begin from."""


def bundled_weights(network: str) -> Path | None:
    """The weights of the bundled live model of a size; None where it is not there."""
    file = bundled_live_models() / f"{BODY}-{network}" / WEIGHTS
    return file if file.is_file() else None


def begin_from_folder(network: nn.Module, folder: Path) -> None:
    """Gives a fresh network the weights of a live model of its size, or those of a smaller one's training.

    Raises:
        UsageError: the folder is neither, or of another shape.
    """
    exported = folder / WEIGHTS
    if exported.is_file():
        begin_from_plain(network, exported)
    else:
        widen(network, trained_network(folder))


def begin_from_plain(network: nn.Module, weights: Path) -> None:
    """Gives a network the weights of a plain one of its shape, so that it draws the same.

    A kernel goes into the ordinary convolution; the other branches begin at nothing.

    Raises:
        ModelError: the file is damaged.
        UsageError: it is a model of another shape.
    """
    try:
        plain = load_file(weights)
    except (SafetensorError, OSError) as error:
        raise ModelError(
            "The weights of this live model are damaged.", where=weights, hint="copy the model again"
        ) from error
    if {name: value.shape for name, value in plain.items()} != _plain_shapes(network):
        raise UsageError(
            "This live model has another shape than the network that is trained.",
            where=weights.parent,
            hint="name a model of the same size, or the training of a smaller one",
        )
    with torch.no_grad():
        for name, module in network.named_modules():
            if isinstance(module, BranchedConv):
                _place(module, plain.pop(f"{name}.weight"), plain.pop(f"{name}.bias"))
        rest = network.state_dict()
        for name, value in plain.items():
            rest[name].copy_(value)


def _plain_shapes(network: nn.Module) -> dict[str, torch.Size]:
    """The tensors of the network's plain form: a branched convolution is one kernel there."""
    shapes = {}
    for name, value in network.state_dict().items():
        place, dot, tensor = name.rpartition(".")
        branched = network.get_submodule(place.removesuffix(".conv"))
        if not isinstance(branched, BranchedConv):
            shapes[name] = value.shape
        elif place.endswith(".conv"):
            shapes[place.removesuffix(".conv") + dot + tensor] = value.shape
    return shapes


def _place(module: BranchedConv, kernel: torch.Tensor, bias: torch.Tensor) -> None:
    module.point.zero_()
    module.edge_scales.zero_()
    module.conv.weight.zero_()
    module.conv.weight.copy_(kernel - module.kernel())  # what the input's own branch adds is taken off
    assert module.conv.bias is not None
    module.conv.bias.copy_(bias)
