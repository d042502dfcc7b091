"""The autoencoder of a single file: its names and its configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

INNER = {
    "conv_norm_out": "norm_out",
    "conv_shortcut": "nin_shortcut",
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}


def to_ldm(name: str, levels: int) -> str:
    """The LDM name of a module of AutoencoderKL, or of something in it.

    Args:
        levels: how many resolutions the autoencoder has: LDM counts the decoder's from the last.
    """
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    name = name.replace("mid_block.attentions.0", "mid.attn_1")
    name = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d+)\.resnets", lambda found: f"up.{levels - 1 - int(found[1])}.block", name)
    name = re.sub(
        r"up_blocks\.(\d+)\.upsamplers\.0", lambda found: f"up.{levels - 1 - int(found[1])}.upsample", name
    )
    for own, ldm in INNER.items():
        name = re.sub(rf"(?<=\.){re.escape(own)}(?=\.|$)", ldm, name)
    return name


def levels_of(names: Mapping[str, object]) -> int:
    """The resolutions of an autoencoder, by names of either kind."""
    found = [re.match(r"encoder\.down(?:_blocks)?\.(\d+)\.", name) for name in names]
    return 1 + max((int(each[1]) for each in found if each), default=-1)


def vae_config(shapes: Mapping[str, tuple[int, ...]], scale: float, overflows: bool) -> dict[str, Any]:
    """The configuration of AutoencoderKL.

    Args:
        shapes: of its weights, by their names in LDM, without a prefix.
        scale: what latents are multiplied by.
        overflows: whether it leaves the range of fp16.
    """
    levels = levels_of(shapes)
    widths = [shapes[f"encoder.down.{level}.block.0.conv2.weight"][0] for level in range(levels)]
    layers = len({name.split(".")[4] for name in shapes if name.startswith("encoder.down.0.block.")})
    return {
        "block_out_channels": widths,
        "layers_per_block": layers,
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "latent_channels": shapes["decoder.conv_in.weight"][1],
        "scaling_factor": scale,
        "force_upcast": overflows,
    }
