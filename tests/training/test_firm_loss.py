"""A firm loss prefers one of the possible drawings to their mean, and draws lines that are likely enough."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.base.firm_loss import firm_loss, ink_of
from training.base.loss import drawing_loss

SIDE = 64


def mean_loss(guess: Tensor, truths: Sequence[Tensor], ink_weight: float = 0.0) -> float:
    return float(torch.stack([firm_loss(guess, truth, 0.35, ink_weight) for truth in truths]).mean())


def step_at(place: float) -> Tensor:
    return torch.where(torch.arange(SIDE) < place, -0.3, 0.3).expand(1, 3, SIDE, SIDE)


def line(depth: float) -> Tensor:
    """A picture of mid grey with an upright line of 2 px."""
    picture = torch.zeros(1, 3, SIDE, SIDE)
    picture[..., 31:33] = -depth
    return picture


def test_where_shade_may_begin_at_many_places_it_begins_at_one() -> None:
    truths = [step_at(place) for place in range(20, 45)]
    ramp, step = torch.stack(truths).mean(dim=0), step_at(32)
    assert mean_loss(step, truths) < 0.85 * mean_loss(ramp, truths)

    def squared(guess: Tensor) -> float:
        return float(torch.stack([drawing_loss(guess, truth, 0.0) for truth in truths]).mean())

    assert squared(ramp) < squared(step)


def test_a_line_that_is_likely_enough_is_drawn_in_full() -> None:
    """Of five drawings two have it."""
    truths = [line(0.8)] * 2 + [line(0.0)] * 3
    drawn, faint, left_out = (
        {weight: mean_loss(line(depth), truths, weight) for weight in (0.0, 2.0)} for depth in (0.8, 0.32, 0)
    )
    assert left_out[0.0] < drawn[0.0]
    assert drawn[2.0] < 0.8 * min(faint[2.0], left_out[2.0])


def test_ink_is_what_is_narrow_and_dark() -> None:
    picture = line(0.8)
    picture[..., :16] = -0.8
    found = ink_of(picture)[0, 0]
    assert found[:, 31:33].min() == 1
    assert found[:, :29].max() == found[:, 36:].max() == 0


def test_a_drawing_has_no_distance_to_itself_and_gradients_stay_finite() -> None:
    truth = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) * 2 - 1
    guess = truth.clone().requires_grad_()
    loss = firm_loss(guess, truth, 0.35, 2.0)
    assert loss.tolist() == [0, 0]
    loss.sum().backward()
    assert guess.grad is not None
    assert guess.grad.isfinite().all()
