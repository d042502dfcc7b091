"""The names in a LoRA file: which module a tensor is about, and what it is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from stylize.errors import ModelError

ENDINGS = {
    "lora_down.weight": "down",
    "lora_up.weight": "up",
    "lora_mid.weight": "mid",
    "lora_A.weight": "down",
    "lora_B.weight": "up",
    "lora_A.default.weight": "down",
    "lora_B.default.weight": "up",
    "lora_B.bias": "up_bias",
    "lora.down.weight": "down",
    "lora.up.weight": "up",
    "lora_linear_layer.down.weight": "down",
    "lora_linear_layer.up.weight": "up",
    "alpha": "alpha",
    "dora_scale": "magnitude",
    "lora_magnitude_vector": "magnitude",
    "lora_magnitude_vector.weight": "magnitude",
    "lora_magnitude_vector.default.weight": "magnitude",
    **{
        name: name
        for half in (1, 2)
        for name in (
            f"hada_w{half}_a", f"hada_w{half}_b", f"hada_t{half}",
            f"lokr_w{half}", f"lokr_w{half}_a", f"lokr_w{half}_b", f"lokr_t{half}",
        )
    },
    "diff": "diff",
    "diff_b": "diff_b",
    "w_norm": "diff",
    "b_norm": "diff_b",
}  # fmt: skip
"""What a tensor is, by the end of its name. Source: the files that kohya-ss/sd-scripts, LyCORIS, OneTrainer, peft
and diffusers write."""
PROCESSOR = re.compile(r"(?P<module>.*)\.processor\.(?P<part>to_\w+)_lora\.(?P<side>down|up)\.weight")
"""Early diffusers."""
REFUSED = {
    "oft_blocks": "OFT",
    "oft_diag": "OFT",
    "oft_R.weight": "OFT",
    "oft_r.weight": "OFT",
    "boft_R": "BOFT",
    "ia3_l": "IA3",
    "on_input": "IA3",
    "vera_lambda_b": "VeRA",
    "vera_lambda_d": "VeRA",
    "a1.weight": "GLoRA",
    "b1.weight": "GLoRA",
    "reshape_weight": "a LoRA that changes the model's shape",
    "scalar": "a LyCORIS file that was saved in mid-training",
}
"""Methods that are not applied, by the ends of their names."""


@dataclass
class ModuleChange:
    """What a file says about one module, by the roles of `ENDINGS`; `module` is its name in the file."""

    module: str
    tensors: dict[str, Tensor] = field(default_factory=dict)


def read_roles(weights: Mapping[str, Tensor], where: Path | str) -> dict[str, ModuleChange]:
    """Sorts the tensors of a file by the modules that they are about.

    Raises:
        ModelError: the file is of a method that is not applied, or holds something unknown.
    """
    changes: dict[str, ModuleChange] = {}
    for name, value in weights.items():
        module, role = _split(name, where)
        changes.setdefault(module, ModuleChange(module)).tensors[role] = value
    return changes


def check_names(names: Iterable[str], where: Path | str) -> None:
    """Raises what `read_roles` would, by the names alone."""
    for name in names:
        _split(name, where)


def _split(name: str, where: Path | str) -> tuple[str, str]:
    old = PROCESSOR.fullmatch(name)
    if old:
        part = "to_out.0" if old["part"] == "to_out" else old["part"]
        return f"{old['module']}.{part}", old["side"]
    for dots in (3, 2, 1):
        pieces = name.rsplit(".", dots)
        if len(pieces) == dots + 1 and ".".join(pieces[1:]) in ENDINGS:
            return pieces[0], ENDINGS[".".join(pieces[1:])]
    for ending, method in REFUSED.items():
        if name.endswith(f".{ending}") or f".{ending}." in name:
            raise ModelError(
                f"This file is {method}, which is not applied here.",
                where=where,
                hint="merge it into a checkpoint with the tool that it was made with",
            )
    if "lora" in name or name.startswith("lycoris"):
        raise ModelError(f"This LoRA holds a tensor that is not known here: {name}.", where=where)
    raise ModelError(
        f"This file holds no LoRA: {name} is none.",
        where=where,
        hint="known: LoRA, LoCon, LoHa, LoKr, DoRA and full differences, as kohya, LyCORIS, OneTrainer, peft and "
        "diffusers write them",
    )
