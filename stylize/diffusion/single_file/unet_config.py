"""The configuration of a UNet or ControlNet, read from the shapes of its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stylize.diffusion.families.base import Family

Shapes = Mapping[str, tuple[int, ...]]
TIME_IDS = 6
"""Numbers beside the pooled prompt in Stable Diffusion XL: size, crop and target size."""


def unet_config(shapes: Shapes, family: Family) -> dict[str, Any]:
    """The configuration of a UNet.

    Args:
        shapes: of its weights, by their names in LDM.
    """
    config = _encoder_config(shapes, family)
    depths = config["transformer_layers_per_block"]
    levels, layers = len(config["block_out_channels"]), config["layers_per_block"]
    up = [_depth(shapes, f"output_blocks.{level * (layers + 1)}.1") for level in range(levels)]
    up_depths = [max(depth, 1) for depth in up]
    if "middle_block.1.norm.weight" not in shapes:
        config["mid_block_type"] = None
    return config | {
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "out_channels": shapes["out.2.weight"][0],
        "up_block_types": ["CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in up],
        "reverse_transformer_layers_per_block": up_depths if up_depths != depths[::-1] else None,
        "sample_size": family.short_side // 8,
        "time_cond_proj_dim": shapes.get("time_embed.cond_proj.weight", (0, None))[1],
    }


def controlnet_config(shapes: Shapes, family: Family) -> dict[str, Any]:
    """The configuration of a ControlNet, or of a union of several."""
    hints = [key for key in shapes if re.fullmatch(r"input_hint_block\.\d+\.weight", key)]
    numbers = sorted(int(key.split(".")[1]) for key in hints)
    channels = [shapes[f"input_hint_block.{number}.weight"][0] for number in numbers[:-1]]
    config = _encoder_config(shapes, family) | {
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "conditioning_embedding_out_channels": channels[::2],
    }
    if "task_embedding" not in shapes:
        return config
    kinds, width = shapes["task_embedding"]
    return config | {
        "num_control_type": kinds,
        "num_trans_channel": width,
        "num_proj_channel": shapes["spatial_ch_projs.weight"][0],
        "num_trans_layer": 1
        + max(int(key.split(".")[1]) for key in shapes if key.startswith("transformer_layes.")),
    }


def _encoder_config(shapes: Shapes, family: Family) -> dict[str, Any]:
    blocks = sorted({int(key.split(".")[1]) for key in shapes if key.startswith("input_blocks.")})
    downs = [number for number in blocks if f"input_blocks.{number}.0.op.weight" in shapes]
    layers = (downs[0] if downs else len(blocks)) - 1
    levels = len(downs) + 1
    firsts = [1 + level * (layers + 1) for level in range(levels)]
    widths = [shapes[f"input_blocks.{first}.0.out_layers.3.weight"][0] for first in firsts]
    depths = [_depth(shapes, f"input_blocks.{first}.1") for first in firsts]
    middle = _depth(shapes, "middle_block.1")
    key = next(name for name in shapes if name.endswith("attn2.to_k.weight"))
    config: dict[str, Any] = {
        "block_out_channels": widths,
        "layers_per_block": layers,
        "down_block_types": ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths],
        "transformer_layers_per_block": [max(depth, 1) for depth in depths],
        "cross_attention_dim": shapes[key][1],
        "attention_head_dim": [family.heads(width) for width in widths],
        "use_linear_projection": any(
            len(shapes[name]) == 2 for name in shapes if name.endswith(".1.proj_in.weight")
        ),
    }
    if middle and middle != config["transformer_layers_per_block"][-1]:
        config["transformer_layers_per_block"][-1] = middle
    if "label_emb.0.0.weight" in shapes:
        into = shapes["label_emb.0.0.weight"][1]
        config |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": into,
        }
    return config


def _depth(shapes: Shapes, place: str) -> int:
    pattern = re.compile(rf"{re.escape(place)}\.transformer_blocks\.(\d+)\.")
    return len({found[1] for name in shapes if (found := pattern.match(name))})
