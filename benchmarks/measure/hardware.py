"""The machine a number was measured on, in a line."""

from __future__ import annotations

from stylize.system.machine import read_memory, read_processor


def hardware_line() -> str:
    """Processor, cores used, memory and, where there is one, the GPU; ends with the versions that matter."""
    import torch

    processor, memory = read_processor(), read_memory()
    parts = [f"{processor.name}, {processor.cores} cores, {torch.get_num_threads()} threads"]
    if memory is not None:
        parts.append(f"{memory.total / 2**30:.0f} GiB")
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    features = [name for name in processor.features if "bf16" in name or name == "avx512f"]
    if features:
        parts.append("/".join(features))
    return "; ".join([*parts, f"torch {torch.__version__}"])
