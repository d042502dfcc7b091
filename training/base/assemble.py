"""Assembles drawings from cels by their attributes: paint first, then ink over it, then the colours of the
palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.base.attributes import LINES, Attributes
from training.base.cels import PLANES, Cels

LUMA = (0.299, 0.587, 0.114)
LIFT = 0.87
"""Gamma of every drawing: cels are a little lighter than photographs."""
INK = (0.03, 0.022, 0.035)
INK_OPACITY = 0.94


@dataclass(frozen=True)
class Grade:
    """The colours of a palette: saturation about the luma, then gamma, gain and offset of every channel."""

    saturation: float = 1.28
    power: float = 1.0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)


GRADES = {
    "neutral": Grade(),
    "warm": Grade(gain=(1.09, 1.0, 0.84), offset=(0.02, 0.005, 0.0)),
    "cool": Grade(gain=(0.86, 0.99, 1.08), offset=(0.0, 0.005, 0.025)),
    "pastel": Grade(saturation=0.72, gain=(0.7,) * 3, offset=(0.3,) * 3),
    "night": Grade(saturation=0.8, power=1.25, gain=(0.5, 0.6, 0.86), offset=(0.0, 0.01, 0.04)),
}


def assemble_drawings(planes: Tensor, attributes: Sequence[Attributes]) -> Tensor:
    """The drawing of each scene.

    Args:
        planes: (N, 5, 3, H, W) in [0, 1], in the order of `PLANES`.
        attributes: one for each scene.

    Returns:
        (N, 3, H, W) in [0, 1].
    """
    two, three, painted, ink = (planes[:, PLANES.index(name)] for name in ("two", "three", "painted", "ink"))

    def where(flags: list[bool]) -> Tensor:
        return torch.tensor(flags, dtype=planes.dtype, device=planes.device).view(-1, 1, 1, 1)

    paint = two + where([each.tones == "three" for each in attributes]) * (three - two)
    paint = paint + where([each.background == "painted" for each in attributes]) * (painted - two)
    weight = torch.tensor([LINES.index(each.lines) for each in attributes], device=planes.device)
    coverage = ink.gather(1, weight.view(-1, 1, 1, 1).expand(-1, 1, *ink.shape[2:]))
    return grade(add_ink(paint.clamp(0, 1), coverage), [each.palette for each in attributes])


def add_ink(paint: Tensor, coverage: Tensor) -> Tensor:
    """`paint` (N, 3, H, W) with ink where `coverage` (N, 1, H, W) is 1: near black, with a little of the colour
    around."""
    around = functional.avg_pool2d(functional.pad(paint, (3, 3, 3, 3), mode="replicate"), 7, stride=1)
    ink = 0.16 * around + paint.new_tensor(INK).view(1, 3, 1, 1)
    return paint + INK_OPACITY * coverage * (ink - paint)


def grade(picture: Tensor, palettes: Sequence[str]) -> Tensor:
    """Pictures (N, 3, H, W), made a little lighter and more saturated, then in the colours of each one's
    palette."""
    grades = [GRADES[palette] for palette in palettes]

    def per_picture(values: Sequence[object]) -> Tensor:
        return torch.tensor(values, dtype=picture.dtype, device=picture.device).reshape(len(grades), -1, 1, 1)

    picture = picture.clamp(0, 1) ** LIFT
    grey = (picture * picture.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    picture = grey + (picture - grey) * per_picture([g.saturation for g in grades])
    picture = picture.clamp(min=0) ** per_picture([g.power for g in grades])
    return (picture * per_picture([g.gain for g in grades]) + per_picture([g.offset for g in grades])).clamp(
        0, 1
    )


def assemble_drawing(cels: Cels, attributes: Attributes) -> NDArray[np.float32]:
    """The drawing of one scene, (H, W, 3) float32 RGB in [0, 1]."""
    planes = np.stack([getattr(cels, plane) for plane in PLANES]).transpose(0, 3, 1, 2)
    drawn = assemble_drawings(torch.from_numpy(np.ascontiguousarray(planes, np.float32))[None], [attributes])
    return np.ascontiguousarray(drawn[0].permute(1, 2, 0).numpy())
