"""The scale of a LoRA's changes: alpha over rank, of every layer by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from stylize.errors import ModelError
from stylize.system.documents import DocumentError, read_json

METADATA = "lora_adapter_metadata"
"""Where diffusers keeps peft's configuration in a file's metadata, its keys prefixed with the part's name."""


@dataclass(frozen=True)
class ScaleRule:
    """What a file says outside its tensors: alphas by the ends of modules' names, by part of the model.

    `configs` holds peft's configurations by part; the part '' stands for all.
    """

    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def scale(
        self, place: str, tensors: Mapping[str, Tensor], rank_of: Callable[[Mapping[str, Tensor]], int | None]
    ) -> float:
        """The factor of a module's change.

        A tensor `alpha` counts before a configuration; where neither says anything, alpha is the rank.
        """
        rank = rank_of(tensors)
        if rank is None:
            return 1.0
        if "alpha" in tensors:
            return float(tensors["alpha"].float().reshape(-1)[0]) / rank
        part, _, module = place.partition(".")
        config = self.configs.get(part) or self.configs.get("") or {}
        patterns = config.get("alpha_pattern") or {}
        alpha = next(
            (value for name, value in patterns.items() if _ends(module, name)), config.get("lora_alpha")
        )
        if alpha is None:
            return 1.0
        return float(alpha) / (rank**0.5 if config.get("use_rslora") else rank)


def read_rule(file: Path, metadata: Mapping[str, str]) -> ScaleRule:
    """The rule of a file, from its metadata or from the adapter_config.json beside it.

    Raises:
        ModelError: the configuration is not JSON.
    """
    beside = file.with_name("adapter_config.json")
    try:
        if METADATA in metadata:
            return ScaleRule(_by_part(json.loads(metadata[METADATA])))
        if file.name == "adapter_model.safetensors" and beside.is_file():
            return ScaleRule({"": dict(read_json(beside))})
    except (DocumentError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"This LoRA's configuration cannot be read: {error}.", where=file) from error
    return ScaleRule()


def _by_part(table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {}
    for name, value in table.items():
        part, _, key = name.partition(".")
        parts.setdefault(part, {})[key] = value
    return parts


def _ends(module: str, name: str) -> bool:
    """Whether a module has that name or ends in it, as peft's patterns do; `text_model` may be left out."""
    wanted = name.removeprefix("text_model.")
    return module.removeprefix("text_model.") == wanted or module.endswith(f".{wanted}")
