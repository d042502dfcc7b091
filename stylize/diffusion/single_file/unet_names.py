"""A UNet's modules by their names in diffusers and in the first Stable Diffusion code (LDM)."""

from __future__ import annotations

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
}
CONTROLNET_ENDS = {
    "controlnet_mid_block": "middle_block_out.0",
    "controlnet_cond_embedding.conv_in": "input_hint_block.0",
    "controlnet_cond_embedding.conv_out": "input_hint_block.14",
}


def ldm_modules(network: Any) -> dict[str, str]:
    """For every module of a UNet or ControlNet that has weights: its name in diffusers, and in LDM."""
    layers = _layers_of(network)
    blocks = len(network.config.block_out_channels)
    prefixes = _encoder(blocks, layers)
    if hasattr(network, "up_blocks"):
        prefixes |= _decoder(blocks, layers, _attentions_of(network))
    prefixes |= {
        "mid_block.resnets.0": "middle_block.0",
        "mid_block.attentions.0": "middle_block.1",
        "mid_block.resnets.1": "middle_block.2",
    }
    names = {}
    for name, module in network.named_modules():
        if not any(True for _ in module.parameters(recurse=False)):
            continue
        ldm = _translate(name, prefixes)
        if ldm is not None:
            names[name] = ldm
    return names


def _translate(name: str, prefixes: dict[str, str]) -> str | None:
    if name in ENDS:
        return ENDS[name]
    if name in CONTROLNET_ENDS:
        return CONTROLNET_ENDS[name]
    parts = name.split(".")
    if parts[0] == "controlnet_down_blocks":
        return f"zero_convs.{parts[1]}.0"
    if name.startswith("controlnet_cond_embedding.blocks."):
        return f"input_hint_block.{2 * int(parts[2]) + 2}"
    for depth in (5, 4, 3):
        prefix = ".".join(parts[:depth])
        if prefix in prefixes:
            inner = ".".join(parts[depth:])
            return f"{prefixes[prefix]}.{RESNET.get(inner, inner)}" if inner else prefixes[prefix]
    return None


def _encoder(blocks: int, layers: int) -> dict[str, str]:
    names = {}
    for level in range(blocks):
        for layer in range(layers):
            place = f"input_blocks.{1 + level * (layers + 1) + layer}"
            names[f"down_blocks.{level}.resnets.{layer}"] = f"{place}.0"
            names[f"down_blocks.{level}.attentions.{layer}"] = f"{place}.1"
        end = f"input_blocks.{(level + 1) * (layers + 1)}"
        names[f"down_blocks.{level}.downsamplers.0.conv"] = f"{end}.0.op"
    return names


def _decoder(blocks: int, layers: int, attention: set[str]) -> dict[str, str]:
    names = {}
    for level in range(blocks):
        for layer in range(layers + 1):
            place = f"output_blocks.{level * (layers + 1) + layer}"
            names[f"up_blocks.{level}.resnets.{layer}"] = f"{place}.0"
            names[f"up_blocks.{level}.attentions.{layer}"] = f"{place}.1"
        slot = 2 if f"up_blocks.{level}" in attention else 1
        place = f"output_blocks.{level * (layers + 1) + layers}.{slot}"
        names[f"up_blocks.{level}.upsamplers.0.conv"] = f"{place}.conv"
    return names


def _layers_of(network: Any) -> int:
    layers = network.config.layers_per_block
    return int(layers if isinstance(layers, int) else layers[0])


def _attentions_of(network: Any) -> set[str]:
    """The blocks that have attention."""
    return {".".join(name.split(".")[:2]) for name, _ in network.named_modules() if ".attentions." in name}
