"""Initial weights: the picture reaches the UNet's first level patch by patch, and comes out of it."""

from __future__ import annotations

import torch
from torch.nn import functional

from training.base.identity_init import Channels
from training.base.networks import Architecture, build_controlnet, build_unet


def test_the_condition_starts_as_a_pixel_unshuffle() -> None:
    torch.manual_seed(0)
    shape = Architecture()
    unet = build_unet(shape)
    net = build_controlnet(unet, shape)
    picture = torch.rand(1, 3, 32, 48)
    with torch.no_grad():
        seen = net.controlnet_cond_embedding(picture)
    channels = Channels(shape.channels[0], shape.latent_channels, unet.config.norm_num_groups)
    wanted = functional.pixel_unshuffle((picture - 0.5) * 4, shape.patch)
    seen = seen[:, channels.picture]
    assert seen.shape == wanted.shape
    for patch_of in range(3):  # the order of pixels in a patch differs: every one must be there
        for channel in range(shape.patch**2):
            gap = (seen[0] - wanted[0, patch_of * shape.patch**2 + channel]).abs().mean(dim=(1, 2)).min()
            assert gap < 0.05


def test_the_untrained_model_returns_the_picture_its_brightness_and_contrast_too() -> None:
    torch.manual_seed(0)
    shape = Architecture()
    unet = build_unet(shape)
    net = build_controlnet(unet, shape)
    coarse = torch.rand(1, 3, 8, 8)
    levels = []
    for low, high in ((0.1, 0.4), (0.5, 0.9)):
        photo = functional.interpolate(low + (high - low) * coarse, size=64, mode="bilinear")
        noisy = torch.randn(1, shape.latent_channels, 64 // shape.patch, 64 // shape.patch)
        prompt = torch.randn(1, shape.tokens, shape.text_width)
        with torch.no_grad():
            down, middle = net(noisy, 999, prompt, photo, return_dict=False)
            guess = unet(
                noisy,
                999,
                prompt,
                down_block_additional_residuals=down,
                mid_block_additional_residual=middle,
                return_dict=False,
            )[0]
        drawn = (functional.pixel_shuffle(guess, shape.patch) + 1) / 2
        assert (drawn - photo).abs().mean() < 0.12
        levels.append(((drawn - photo).mean(), drawn.std() / photo.std()))
    for shift, contrast in levels:
        assert abs(shift) < 0.1
        assert 0.7 < contrast < 1.8


def test_what_the_condition_shows_decides_the_first_guess() -> None:
    """From the same noise, two pictures give guesses that differ where and as the pictures do."""
    torch.manual_seed(0)
    shape = Architecture()
    unet = build_unet(shape)
    net = build_controlnet(unet, shape)
    dark = torch.full((1, 3, 32, 32), 0.4)
    half = dark.clone()
    half[..., 16:] = 0.6
    noisy = torch.randn(1, shape.latent_channels, 32 // shape.patch, 32 // shape.patch)
    prompt = torch.randn(1, shape.tokens, shape.text_width)
    gaps = []
    with torch.no_grad():
        for picture in (dark, half):
            down, _ = net(noisy, 999, prompt, picture, return_dict=False)
            gaps.append(down[0])
    assert (gaps[1] - gaps[0])[..., 5:].abs().mean() > 10 * (gaps[1] - gaps[0])[..., :3].abs().mean()
