"""A UNet's modules by their names in diffusers and in the first Stable Diffusion code (LDM)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "time_embedding.cond_proj": "time_embed.cond_proj",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "controlnet_mid_block": "middle_block_out.0",
    "controlnet_cond_embedding.conv_in": "input_hint_block.0",
    "controlnet_cond_embedding.conv_out": "input_hint_block.14",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}


@dataclass(frozen=True)
class Layout:
    """What decides the numbers in LDM's names: layers a level, and the levels up that have attention."""

    layers: int
    attention_up: frozenset[int]


def layout_of(modules: Iterable[str]) -> Layout:
    """The layout of a network, by the names of its modules (or of their weights) in diffusers."""
    parts = [name.split(".") for name in modules]
    down = [
        int(each[3])
        for each in parts
        if each[:1] == ["down_blocks"] and each[2:3] == ["resnets"] and each[3:]
    ]
    up = {int(each[1]) for each in parts if each[:1] == ["up_blocks"] and each[2:3] == ["attentions"]}
    return Layout(max(down, default=-1) + 1, frozenset(up))


def to_ldm(name: str, layout: Layout) -> str:
    """A module's name in LDM; one that has none there keeps its own.

    Args:
        name: in diffusers, of a module or of something in it.
    """
    parts = name.split(".")
    for depth in range(len(parts), 0, -1):
        head, tail = ".".join(parts[:depth]), ".".join(parts[depth:])
        place = ENDS.get(head) or _block(parts[:depth], layout)
        if place is not None:
            inner = next(
                (f"{ldm}{tail[len(own) :]}" for own, ldm in RESNET.items() if _begins(tail, own)), tail
            )
            inner = inner if _is_resnet(parts[:depth]) else tail
            return f"{place}.{inner}" if inner else place
    return name


def ldm_modules(network: Any) -> dict[str, str]:
    """For every module of a UNet or ControlNet that has weights: its name in diffusers, and in LDM."""
    names = [
        name
        for name, module in network.named_modules()
        if name and any(True for _ in module.parameters(recurse=False))
    ]
    layout = layout_of(names)
    return {name: to_ldm(name, layout) for name in names}


def _block(parts: list[str], layout: Layout) -> str | None:
    """The LDM name of a resnet, attention, or resampling convolution, or of one of a ControlNet's outputs."""
    layers = layout.layers
    if parts[0] == "controlnet_down_blocks" and len(parts) == 2:
        return f"zero_convs.{parts[1]}.0"
    if parts[:2] == ["controlnet_cond_embedding", "blocks"] and len(parts) == 3:
        return f"input_hint_block.{2 * int(parts[2]) + 2}"
    if parts[0] not in ("down_blocks", "up_blocks") or len(parts) < 4:
        return None
    level, kind, number = int(parts[1]), parts[2], int(parts[3])
    slots = {"resnets": 0, "attentions": 1}
    if kind in slots and len(parts) == 4:
        if parts[0] == "down_blocks":
            return f"input_blocks.{1 + level * (layers + 1) + number}.{slots[kind]}"
        return f"output_blocks.{level * (layers + 1) + number}.{slots[kind]}"
    if kind == "downsamplers" and parts[4:] == ["conv"]:
        return f"input_blocks.{(level + 1) * (layers + 1)}.0.op"
    if kind == "upsamplers" and parts[4:] == ["conv"]:
        slot = 2 if level in layout.attention_up else 1
        return f"output_blocks.{level * (layers + 1) + layers}.{slot}.conv"
    return None


def _is_resnet(parts: list[str]) -> bool:
    return "resnets" in parts


def _begins(tail: str, own: str) -> bool:
    return tail == own or tail.startswith(f"{own}.")
