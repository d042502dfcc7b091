"""The format of a LoRA file, by the names of its weights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from stylize.errors import ModelError

LoraFormat = Literal["diffusers", "kohya", "peft", "lora_diffusion"]

OTHER_METHODS = {
    "hada_w1_a": "LoHa (LyCORIS)",
    "hada_w1_b": "LoHa (LyCORIS)",
    "lokr_w1": "LoKr (LyCORIS)",
    "lokr_w1_a": "LoKr (LyCORIS)",
    "oft_blocks": "OFT",
    "oft_diag": "OFT",
    "oft_R": "OFT",
    "boft_R": "BOFT",
    "ia3_l": "IA3",
    "lora_magnitude_vector": "DoRA",
    "dora_scale": "DoRA",
    "diff_b": "full differences (LyCORIS)",
    "hada_t1": "LoHa (LyCORIS)",
    "vera_lambda_b": "VeRA",
}
"""Other methods of fine-tuning, by the last part of their weights' names."""

OTHER_MODELS = (
    (r"lora_te2_|text_encoder_2\.|add_k_proj|label_emb", "Stable Diffusion XL"),
    (r"double_blocks|single_blocks|single_transformer_blocks", "Flux"),
    (r"joint_blocks|^transformer\.transformer_blocks|lora_transformer_", "Stable Diffusion 3"),
    (r"^diffusion_model\.|^lora_unet_blocks_|^blocks\.", "a video or transformer model (Wan, Hunyuan, ...)"),
    (r"^lora_prior_|^prior\.", "Stable Cascade"),
)
"""Other families of checkpoints, by names that only their LoRAs have."""


def recognise(names: Iterable[str], where: Path | str) -> LoraFormat:
    """The format of a LoRA, by its weights' names.

    Raises:
        ModelError: it is no LoRA, of a format not supported here, or for another family of checkpoints.
    """
    names = list(names)
    last = {part for name in names for part in name.split(".")[-2:]}
    for word, method in OTHER_METHODS.items():
        if word in last:
            raise ModelError(
                f"This file is {method}, not a plain LoRA.", where=where, hint="merge it into a checkpoint, or "
                "convert it to a LoRA of fixed rank with the tool that it was made with",
            )  # fmt: skip
    for pattern, model in OTHER_MODELS:
        if any(re.search(pattern, name) for name in names):
            raise ModelError(
                f"This LoRA is for another architecture: {model}.",
                where=where,
                hint="LoRAs for Stable Diffusion 1.x-shaped checkpoints are loaded",
            )
    if any(re.fullmatch(r"(unet|text_encoder):\d+:(up|down)", name) for name in names):
        return "lora_diffusion"
    if any(name.startswith("base_model.model.") for name in names):
        return "peft"
    if any(re.match(r"lora_(unet|te|te1)_", name) for name in names):
        return "kohya"
    if any(name.startswith(("unet.", "text_encoder.")) and "lora" in name for name in names):
        return "diffusers"
    if any(".processor." in name and "lora" in name for name in names):
        return "diffusers"
    if any(".lora_A." in name or ".lora.down." in name for name in names):
        return "peft"
    raise ModelError(
        "This file holds no LoRA.",
        where=where,
        hint="known: LoRAs of diffusers, kohya, peft and lora_diffusion, as .safetensors",
    )
