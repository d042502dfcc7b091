"""LPIPS (Zhang et al., CVPR 2018), from weights that the user gives: nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deflicker.arrays import Image
from deflicker.checkpoints import read_tensors

LAYERS = (1, 4, 7, 9, 11)
"""AlexNet's five rectified convolutions."""
CHANNELS = (64, 192, 384, 256, 256)
SMALLEST = 64


class Lpips:
    """The perceptual distance of two pictures, by AlexNet: 0 is the same, 1 is far apart.

    Args:
        alexnet: torchvision's AlexNet (alexnet-owt-*.pth or its .safetensors).
        linear: the metric's own weights for it (the authors' v0.1 `alex.pth`): lin0 ... lin4.
        device: "cpu", "cuda", "mps".

    Raises:
        ValueError: a file that is missing, or holds something else.
    """

    def __init__(self, alexnet: str | Path, linear: str | Path, device: str = "cpu") -> None:
        from torchvision.models import alexnet as build

        features = build(weights=None).features
        state = read_tensors(Path(alexnet), "AlexNet's weights")
        state = {
            key.removeprefix("features."): value for key, value in state.items() if "classifier" not in key
        }
        try:
            features.load_state_dict(state)
        except RuntimeError as error:
            raise ValueError(f"{alexnet} is not torchvision's AlexNet.") from error
        self._features = features.to(device).eval()
        given = read_tensors(Path(linear), "LPIPS's linear weights")
        self._linear = []
        for number, channels in enumerate(CHANNELS):
            found = [value for key, value in given.items() if key.startswith(f"lin{number}.")]
            if len(found) != 1 or found[0].numel() != channels:
                raise ValueError(f"{linear} has no lin{number} of {channels} weights: give LPIPS's alex.pth.")
            self._linear.append(found[0].reshape(1, channels, 1, 1).to(device))
        self._device = device

    def __call__(self, first: Image, second: Image) -> float:
        """The distance of two pictures of one size, (height, width, 3) float32 in [0, 1]."""
        import torch

        if first.shape != second.shape:
            raise ValueError(f"LPIPS compares pictures of one size, not {first.shape} and {second.shape}.")
        if min(first.shape[:2]) < SMALLEST:
            raise ValueError(f"LPIPS needs pictures of at least {SMALLEST} px a side, not {first.shape[:2]}.")
        with torch.inference_mode():
            pairs = zip(self._seen(first), self._seen(second), strict=True)
            distance = sum(
                float((weights * (a - b) ** 2).sum(dim=1).mean())
                for weights, (a, b) in zip(self._linear, pairs, strict=True)
            )
        return float(distance)

    def _seen(self, picture: Image) -> list[Any]:
        """The features of each layer, of unit length at each place."""
        import torch

        planes = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].to(self._device)
        planes = planes * 2 - 1  # the authors' scaling layer takes [-1, 1]
        shift, scale = (
            planes.new_tensor(values).view(1, 3, 1, 1)
            for values in ((-0.030, -0.088, -0.188), (0.458, 0.448, 0.450))
        )
        planes, seen = (planes - shift) / scale, []
        for number, layer in enumerate(self._features):
            planes = layer(planes)
            if number in LAYERS:
                seen.append(planes / (planes.norm(dim=1, keepdim=True) + 1e-10))
        return seen
