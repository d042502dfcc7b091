"""Where the networks run, and in which precision."""

from __future__ import annotations

from typing import Any

from stylize.errors import MissingPart, UsageError


def choose_device(name: str, remote: bool = False) -> Any:
    """The torch device of that name; 'auto' takes CUDA, then Apple's GPU, then the CPU.

    Args:
        remote: a device that is named is another machine's, and is not looked for on this one.

    Raises:
        UsageError: no such device. MissingPart: this machine or this torch does not have it.
    """
    import torch

    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(
            f"There is no device called {name!r}.", hint="auto, cpu, cuda, cuda:1, cuda:all, mps"
        ) from error
    if remote:
        return device
    if device.type == "cuda" and not torch.cuda.is_available():
        raise MissingPart("There is no CUDA device here.", hint="use --device cpu, or see: stylize doctor")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise MissingPart("There is no Apple GPU here.", hint="use --device cpu, or see: stylize doctor")
    return device


def choose_devices(name: str, remote: bool = False) -> tuple[Any, ...]:
    """The torch devices of a name: one, several with commas between, or every CUDA device here for 'cuda:all'.

    Raises:
        UsageError, MissingPart: as `choose_device`; or devices of different kinds, which round differently.
    """
    import torch

    if name == "cuda:all":
        if remote:
            raise UsageError("How many GPUs another machine has is not known here.", hint="--device cuda")
        choose_device("cuda")
        return tuple(torch.device("cuda", index) for index in range(torch.cuda.device_count()))
    devices = tuple(choose_device(each.strip(), remote) for each in name.split(","))
    if len({device.type for device in devices}) > 1:
        raise UsageError(
            "Devices of different kinds draw frames that differ.",
            where=name,
            hint="cuda:0,cuda:1 or cuda:all",
        )
    return devices


def choose_precision(name: str, device: Any, remote: bool = False) -> str:
    """'fp32', 'bf16' or 'fp16'; 'auto' takes the fastest that shows no loss on this device.

    Args:
        remote: the device is another machine's. A GPU is taken to be able to compute in bf16.
    """
    import torch

    if name != "auto":
        return name
    if device.type == "cuda" and remote:
        return "bf16"
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "bf16"
    return "fp16" if device.type == "mps" else "fp32"


def dtype_of(precision: str) -> Any:
    """The torch dtype of a precision: 'fp32', 'bf16' or 'fp16'."""
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
