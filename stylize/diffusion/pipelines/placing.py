"""How a pipeline fits a GPU: whole, its parts one after another, or its weights kept in eight bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal, get_args

from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.transformer_files.load import check_transformer_file, is_gguf
from stylize.errors import UsageError

Fit = Literal["whole", "offload", "fp8", "fp8-offload"]
"""`offload`: a part is on the GPU only while it runs. `fp8`: the transformer's weights are kept in eight bits, and
widened layer by layer as they are used, which changes the pictures a little."""
TEXT = "text_encoder"
SPARE = 0.08
"""The share of a GPU's memory that is left for its driver and what else runs there."""


@dataclass(frozen=True)
class PartBytes:
    """Bytes of a pipeline's weights in the precision that it draws in, by what is needed together.

    `texts` of the text encoders, which are let go once the prompts are embedded; `network` of the transformer, or
    of both where there are two; `rest` of all else, the autoencoder above all.
    """

    texts: int
    network: int
    rest: int


def part_bytes(
    folder: Path, family: PipelineFamily, value_bytes: int, transformer: Path | None = None
) -> PartBytes:
    """Counts the weights in a folder by the headers of its files.

    Args:
        transformer: a file whose weights take the place of the folder's.
    """
    sizes = {"texts": 0, "network": 0, "rest": 0}
    for file in folder.rglob("*.safetensors"):
        part = file.relative_to(folder).parts[0]
        if part == "controlnet" or (part == "transformer" and transformer is not None):
            continue
        width = 4 if part == "vae" and family.vae_in_fp32 else value_bytes
        kind = "texts" if part.startswith(TEXT) else "network" if part.startswith("transformer") else "rest"
        sizes[kind] += width * sum(prod(shape) for shape in read_header(file).shapes.values())
    if transformer is not None:
        packed = is_gguf(transformer)
        shapes = check_transformer_file(transformer, family, folder)
        values = sum(prod(shape) for shape in shapes.values())
        sizes["network"] += transformer.stat().st_size if packed else value_bytes * values
    return PartBytes(**sizes)


def choose_fit(parts: PartBytes, values: int, budget: int, keeps_texts: bool, packed: bool = False) -> Fit:
    """The way that keeps most on the GPU and changes no picture, as long as there is one.

    Args:
        values: bytes of values at the peak, beside the weights.
        budget: bytes of the GPU's memory that may be used.
        keeps_texts: the text encoders are needed with every frame.
        packed: the transformer's weights are packed already (GGUF), and are not kept in eight bits.

    Raises:
        UsageError: nothing fits.
    """
    texts = parts.texts if keeps_texts else 0
    needs: Mapping[Fit, int] = {
        "whole": max(parts.texts, texts + parts.network + parts.rest + values),
        "offload": max(parts.texts, parts.network, parts.rest) + values,
        "fp8": max(parts.texts, texts + parts.network // 2 + parts.rest + values),
        "fp8-offload": max(parts.texts, parts.network // 2, parts.rest) + values,
    }
    order: tuple[Fit, ...] = get_args(Fit)
    if packed:
        order = tuple(fit for fit in order if not fit.startswith("fp8"))
    found = next((fit for fit in order if needs[fit] <= budget), None)
    if found is None:
        least = min(needs[fit] for fit in order) / 2**30
        raise UsageError(
            f"This checkpoint needs {least:.1f} GiB of GPU memory at least; {budget / 2**30:.1f} GiB may be used.",
            hint="draw smaller with --size, take a smaller checkpoint, or --device cpu",
        )
    return found


def place(pipe: Any, fit: Fit, device: Any, compute: Any) -> None:
    """Puts a pipeline on its device in the way that was chosen; its text encoders may have been let go.

    Args:
        compute: torch dtype that the layers compute in.
    """
    import torch

    if fit.startswith("fp8"):
        for name in ("transformer", "transformer_2"):
            network = getattr(pipe, name, None)
            if network is not None:
                network.enable_layerwise_casting(torch.float8_e4m3fn, compute)
    if fit.endswith("offload") and device.type != "cpu":
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.to(device)
