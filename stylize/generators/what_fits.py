"""Which families of models a machine can draw with, and how large: by the sizes of the published checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

from stylize.diffusion.families import ALL_FAMILIES, KnownFamily, PipelineFamily
from stylize.diffusion.families.pipelines import WITH_PICTURES
from stylize.diffusion.pipelines.placing import SPARE, Fit, PartBytes, choose_fit
from stylize.diffusion.vae_pieces import TILE_PX
from stylize.errors import UsageError
from stylize.generators.memory_fit import WIDE
from stylize.generators.pipeline_style import transformer_bytes

SIDES = (2160, 1440, 1080, 1024, 768)
"""Short sides that are tried, px."""
DECODER_BYTES_OF_PX = 768
"""Bytes of values at the peak of decoding a pixel, for each byte of a value.

Counted for the autoencoder that Stable Diffusion 1.x to XL and Flux have in common. The UNets take less.
"""
HOST_SPARE = 3 << 30
"""Bytes that the program itself and other work take of a machine's memory."""


@dataclass(frozen=True)
class FamilyFit:
    """A family, the largest short side of a 16:9 frame that fits, px (0: none does), and how it fits there."""

    family: str
    side: int
    how: Fit | None
    tiles: bool


def what_fits(memory: int, value_bytes: int, on_gpu: bool) -> list[FamilyFit]:
    """For every family, the largest frame that one at a time fits `memory` bytes.

    Args:
        value_bytes: 2 in bf16 or fp16, 4 in fp32.
        on_gpu: parts can take turns there, and weights be kept in eight bits.
    """
    room = int(memory * (1 - SPARE)) if on_gpu else memory - HOST_SPARE
    return [_fit(family, room, value_bytes, on_gpu) for family in ALL_FAMILIES.values()]


def _fit(family: KnownFamily, room: int, value_bytes: int, on_gpu: bool) -> FamilyFit:
    """How the family's own size fits, and the largest size that fits in the same way."""
    for tiles in (False, True):
        how = _way(family, family.short_side, tiles, room, value_bytes, on_gpu)
        if how is not None:
            larger = (side for side in SIDES if side > family.short_side)
            same = (side for side in larger if _way(family, side, tiles, room, value_bytes, on_gpu) == how)
            return FamilyFit(family.name, next(same, family.short_side), how, tiles)
    return FamilyFit(family.name, 0, None, tiles=False)


def _way(
    family: KnownFamily, side: int, tiles: bool, room: int, value_bytes: int, on_gpu: bool
) -> Fit | None:
    texts, network = (round(billions * 1e9) * value_bytes for billions in (family.texts, family.weights))
    pixels = side * side * WIDE
    values = DECODER_BYTES_OF_PX * value_bytes * (min(pixels, TILE_PX**2) if tiles else pixels)
    if isinstance(family, PipelineFamily):
        values = max(values, transformer_bytes(family, round(pixels), family.window))
    at_once = not isinstance(family, PipelineFamily) or family.name in WITH_PICTURES
    try:
        how = choose_fit(PartBytes(texts, network, 0), round(values), room, keeps_texts=at_once)
    except UsageError:
        return None
    return how if how == "whole" or (on_gpu and isinstance(family, PipelineFamily)) else None


def spell(fits: list[FamilyFit]) -> str:
    """`sd1 to 2160 px, flux to 1080 px (parts take turns); not: qwen-image`."""
    ways = {
        "whole": "",
        "offload": "parts take turns",
        "fp8": "eight bits",
        "fp8-offload": "turns, eight bits",
    }
    able = []
    for fit in fits:
        if fit.how is not None:
            notes = [note for note in (ways[fit.how], "in tiles" if fit.tiles else "") if note]
            able.append(f"{fit.family} to {fit.side} px" + (f" ({', '.join(notes)})" if notes else ""))
    unable = [fit.family for fit in fits if fit.how is None]
    return ", ".join(able or ["none"]) + (f"; not: {', '.join(unable)}" if unable else "")
