"""Reads the tensors of a checkpoint, and runs nothing that it holds."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any


def read_tensors(path: Path, what: str) -> dict[str, Any]:
    """The named tensors of a .safetensors file, or of a .pth/.pt that holds tensors and nothing else.

    Args:
        what: what the file should be, for an error.

    Raises:
        ValueError: no such file, or one that holds something else.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise ValueError(f"there is no {path}: give the path of {what}, as .safetensors or .pth.")
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(
            f"{path} could not be read as {what}: it holds more or less than tensors."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ValueError(f"{path} could not be read as {what}: it is no dictionary of tensors.")
    return state
