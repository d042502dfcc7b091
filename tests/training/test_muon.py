"""Muon: orthogonal steps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.base.muon import Muon, convolutions, orthogonal


@pytest.mark.parametrize("shape", [(24, 216), (216, 24), (30, 60)])
def test_every_singular_value_becomes_one(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    steep = matrix * torch.logspace(-1.5, 0, shape[1])
    values = torch.linalg.svdvals(orthogonal(steep))
    assert values.min() > 0.9
    assert values.max() < 1.1


def test_a_step_goes_downhill_in_all_directions_alike() -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(8, 16, 3)
    before = layer.weight.detach().clone()
    muon = Muon([layer.weight], lr=0.1)
    layer.weight.grad = torch.randn_like(layer.weight) * torch.logspace(-2, 0, 8)[:, None, None]
    gradient = layer.weight.grad.clone()
    muon.step()
    moved = layer.weight.detach() - before
    assert (moved * gradient).sum() < 0
    values = torch.linalg.svdvals(moved.flatten(1))
    assert values.min() > 0.85 * values.max()


def test_ends_and_condition_are_left_to_another_optimiser() -> None:
    net = nn.ModuleDict(
        {
            "unet": nn.ModuleDict(
                {"conv_in": nn.Conv2d(3, 4, 3), "mid": nn.Conv2d(4, 4, 3), "one": nn.Conv2d(4, 4, 1)}
            )
        }
    )
    assert [id(weight) for weight in convolutions(net)] == [id(net["unet"]["mid"].weight)]
