"""The start of the weights: the picture reaches the UNet's first level patch by patch."""

from __future__ import annotations

import torch
from torch.nn import functional

from training.base.model import Architecture, build_controlnet, build_unet


def test_the_condition_starts_as_a_pixel_unshuffle() -> None:
    torch.manual_seed(0)
    shape = Architecture()
    net = build_controlnet(build_unet(shape), shape)
    picture = torch.rand(1, 3, 32, 48)
    with torch.no_grad():
        seen = net.controlnet_cond_embedding(picture)
    wanted = functional.pixel_unshuffle((picture - 0.5) * 4, shape.patch)
    assert seen.shape == wanted.shape
    for patch_of in range(3):  # the order of pixels in a patch differs: every one must be there
        for channel in range(16):
            gap = (seen[0] - wanted[0, patch_of * 16 + channel]).abs().mean(dim=(1, 2)).min()
            assert gap < 0.05


def test_what_the_condition_shows_decides_the_first_guess() -> None:
    """From the same noise, two pictures give guesses that differ where and as the pictures do."""
    torch.manual_seed(0)
    shape = Architecture()
    unet = build_unet(shape)
    net = build_controlnet(unet, shape)
    dark = torch.full((1, 3, 32, 32), 0.4)
    half = dark.clone()
    half[..., 16:] = 0.6
    noisy, prompt = torch.randn(1, 48, 8, 8), torch.randn(1, shape.tokens, shape.text_width)
    gaps = []
    with torch.no_grad():
        for picture in (dark, half):
            down, _ = net(noisy, 999, prompt, picture, return_dict=False)
            gaps.append(down[0])
    assert (gaps[1] - gaps[0])[..., 5:].abs().mean() > 10 * (gaps[1] - gaps[0])[..., :3].abs().mean()
