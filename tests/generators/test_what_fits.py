"""Which families fit a memory, and how large a frame."""

from __future__ import annotations

import pytest
import torch

from stylize.diffusion.families import ALL_FAMILIES
from stylize.generators.what_fits import DECODER_BYTES_OF_PX, spell, what_fits

GIB = 1 << 30


def fits(gib: float, on_gpu: bool = True) -> dict[str, str]:
    found = what_fits(int(gib * GIB), 2, on_gpu)
    assert [fit.family for fit in found] == list(ALL_FAMILIES)
    return {fit.family: spell([fit]) for fit in found}


def test_more_memory_holds_more_families_and_larger_frames() -> None:
    small, card, large = fits(4), fits(24), fits(141)
    assert small["sd1"].startswith("sd1 to ")
    assert small["flux"] == "none; not: flux"
    assert card["sdxl"].startswith("sdxl to ")
    assert "(" in card["flux"]
    assert "(" not in large["qwen-image"]
    for name in ALL_FAMILIES:
        sides = [
            fit.side for gib in (4, 24, 141) for fit in what_fits(gib * GIB, 2, True) if fit.family == name
        ]
        assert sides[-1] >= ALL_FAMILIES[name].short_side
    assert "turns" not in "".join(fits(16, on_gpu=False).values())  # a processor has nowhere to move parts to


def test_the_decoder_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import AutoencoderKL

    from stylize.diffusion.live_bytes import peak_bytes

    with torch.device("meta"):
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        ).to(torch.bfloat16).eval()  # fmt: skip
        latents = torch.zeros(1, 4, 32, 32, dtype=torch.bfloat16)
        counted = peak_bytes(lambda: vae.decode(latents, return_dict=False))
    assert counted == pytest.approx(256 * 256 * 2 * DECODER_BYTES_OF_PX, rel=0.01)
