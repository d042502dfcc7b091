"""Eight-bit weights with scales of their own, as ComfyUI and converters for it write them.

Beside a matrix `X.weight` of float8 stands `X.scale_weight` or `X.weight_scale`, in float32: one number, or one for
each row. The weight is the product. Scales of inputs (`X.scale_input`, `X.input_scale`) are for kernels that
compute in eight bits, and say nothing of weights. A tensor `scaled_fp8` marks such files; newer ones have
`X.comfy_quant`, a JSON text in bytes.

Source: ComfyUI, comfy/ops.py and comfy/quant_ops.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize.diffusion.single_file.header import Header
from stylize.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

SCALES = (".scale_weight", ".weight_scale")
BESIDE = (*SCALES, ".scale_input", ".input_scale", ".comfy_quant")
MARK = "scaled_fp8"
EIGHT_BITS = ("F8_E4M3", "F8_E5M2")
NUMBERS = ("F32", "F16", "BF16")
OTHERS = (".weight_scale_2", ".weight_scalar", ".absmax", ".quant_map", ".scales", ".qweight", ".zeros")
"""What stands beside weights that are packed in other ways."""
HINT = "take the bf16 or fp16 file, eight-bit weights that are plain or scaled by rows, or a .gguf"


def is_beside(name: str) -> bool:
    """Whether a tensor is no weight, but says how to read one."""
    return name.endswith(BESIDE) or name.rpartition(".")[2] == MARK


def weights_of(names: Iterable[str]) -> list[str]:
    """The names that are weights."""
    return [name for name in names if not is_beside(name)]


def check_scales(header: Header, where: Path) -> None:
    """Checks that every scale is one that can be read.

    Raises:
        ModelError: weights are packed in another way.
    """
    for name, shape in header.shapes.items():
        if name.endswith(OTHERS):
            raise _refusal(name, where)
        if not name.endswith(SCALES):
            continue
        weight = _weight_name(name)
        matrix = header.shapes.get(weight, ())
        one, rows = shape in ((), (1,)), shape in (matrix[:1], (*matrix[:1], 1))
        readable = header.dtypes.get(weight) in EIGHT_BITS and header.dtypes[name] in NUMBERS
        if not (readable and (one or rows)):
            raise _refusal(name, where)


def unscaled(tensors: Mapping[str, Tensor], dtype: Any) -> dict[str, Any]:
    """The weights of a file that passed `check_scales`; those with a scale are multiplied by it.

    Args:
        dtype: torch dtype that products are rounded to; weights without a scale stay as they are.
    """
    found: dict[str, Any] = {name: tensors[name] for name in weights_of(tensors)}
    for name, scale in tensors.items():
        if name.endswith(SCALES):
            weight = found[_weight_name(name)].float()
            rows = scale.float().reshape(-1, *[1] * (weight.dim() - 1))
            found[_weight_name(name)] = (weight * rows).to(dtype)
    return found


def _weight_name(scale: str) -> str:
    return f"{scale.rpartition('.')[0]}.weight"


def _refusal(name: str, where: Path) -> ModelError:
    return ModelError(
        f"This file holds weights that are packed in a way that is not read here ({name}).",
        where=where,
        hint=HINT,
    )
