"""How quickly a device multiplies, measured in a moment."""

from __future__ import annotations

import time

import torch

from stylize.diffusion.device import dtype_of


def measured_speed(device: str, precision: str) -> float:
    """Operations a second that this device reaches in a convolution like the networks' own."""
    convolution = torch.nn.Conv2d(64, 64, 3, padding=1).to(device, dtype_of(precision))
    picture = torch.randn(1, 64, 128, 128, device=device, dtype=dtype_of(precision))
    convolution = convolution.to(memory_format=torch.channels_last)
    picture = picture.to(memory_format=torch.channels_last)
    work = 2 * 9 * 64 * 64 * 128 * 128
    with torch.inference_mode():
        convolution(picture)
        began = time.perf_counter()
        for _ in range(20):
            answer = convolution(picture)
        float(answer.flatten()[0])  # waits for a GPU to finish
    networks_share = 0.55  # a whole network reaches this share of a bare convolution's speed, measured
    return networks_share * 20 * work / (time.perf_counter() - began)
