"""Loads a transformer from one file, in the shape that a model's folder says."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.folder import read_config
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.single_file.scaled import HINT, check_scales, unscaled, weights_of
from stylize.diffusion.transformer_files.gguf import read_gguf_header
from stylize.diffusion.transformer_files.names import CONVERSIONS, to_diffusers, without_prefix
from stylize.errors import MissingPart, ModelError, UsageError
from stylize.system.dependencies import install_hint

GGUF = ".gguf"
KINDS = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
"""Kinds of numbers in a .safetensors file that are weights by themselves."""


def is_gguf(file: Path | str) -> bool:
    return Path(file).suffix.lower() == GGUF


def check_transformer_file(file: Path, family: PipelineFamily, folder: Path) -> dict[str, tuple[int, ...]]:
    """Reads a file's header, and compares it with the family.

    Args:
        folder: of the model whose transformer it is to replace.

    Returns:
        The shapes of the transformer's weights by their names in the file.

    Raises:
        UsageError, ModelError, MissingPart: it is not there, can run code, or is of another family.
    """
    if file.suffix.lower() in PICKLES:
        raise UsageError(f"A {file.suffix} file is not loaded: {REFUSAL}.", where=file)
    if not file.is_file():
        raise UsageError("There is no such transformer.", where=file)
    if (folder / "transformer_2").is_dir():
        raise UsageError(
            f"{family.title} has two transformers here, and one file cannot replace both.",
            where=file,
            hint="leave --transformer out, or take a model that has one transformer",
        )
    if is_gguf(file):
        if importlib.util.find_spec("gguf") is None:
            raise MissingPart(
                "Reading this file needs the package gguf.", where=file, hint=install_hint("gguf")
            )
        shapes = read_gguf_header(file).shapes
    else:
        header = read_header(file)
        check_scales(header, file)
        shapes = {name: header.shapes[name] for name in weights_of(header.shapes)}
        odd = next((name for name in shapes if header.dtypes[name] not in KINDS), None)
        if odd is not None:
            raise ModelError(
                f"This file holds weights that are packed in a way that is not read here ({odd}).",
                where=file,
                hint=HINT,
            )
    marks = CONVERSIONS[family.name][0]
    names = without_prefix(list(shapes), marks)
    if not names:
        raise ModelError(
            f"This file is no transformer of {family.title}.",
            where=file,
            hint=f"the model's folder is {folder}",
        )
    return {name: shapes[name] for name in names.values()}


def load_transformer_file(file: Path, kind: str, family: PipelineFamily, folder: Path, dtype: Any) -> Any:
    """Loads a transformer whose shape the folder's configuration says. Weights of a GGUF file stay as they are
    packed, and are unpacked layer by layer as they are used.

    Args:
        kind: its class in diffusers.
        folder: of the model; its transformer/config.json is read.

    Raises:
        UsageError, ModelError, MissingPart: it is not there, or does not fit the folder.
    """
    import diffusers
    import torch

    check_transformer_file(file, family, folder)
    config = read_config(folder, "transformer")
    with explained(str(file)), quiet():
        weights = to_diffusers(family.name, _read(file, family, dtype))
        with _weightless():
            network = getattr(diffusers, kind).from_config(config)
    _check(weights, network.state_dict(), file, packed=is_gguf(file))
    if not is_gguf(file):
        kept = tuple(network._keep_in_fp32_modules or ())  # as diffusers' own loading keeps them
        for name, value in weights.items():
            weights[name] = value.to(torch.float32 if set(kept) & set(name.split(".")) else dtype, copy=True)
        network.load_state_dict(weights, assign=True)
        return network.requires_grad_(False).eval()
    weights = _packed_where_it_may_be(weights, network)
    with explained(str(file)), quiet():
        packed = getattr(diffusers, kind).from_single_file(
            weights,
            config=str(folder / "transformer"),
            local_files_only=True,
            dtype=dtype,
            quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=dtype),
        )
    return packed.requires_grad_(False).eval()


@contextmanager
def _weightless() -> Iterator[None]:
    """Networks that are built meanwhile have no memory for weights; what they compute by themselves they have."""
    from torch import nn

    register = nn.Module.register_parameter

    def without_memory(module: Any, name: str, parameter: Any) -> None:
        register(module, name, parameter)
        if parameter is not None:
            module._parameters[name] = nn.Parameter(parameter.to("meta"), requires_grad=False)

    nn.Module.register_parameter = without_memory
    try:
        yield
    finally:
        nn.Module.register_parameter = register


def _read(file: Path, family: PipelineFamily, dtype: Any) -> dict[str, Any]:
    marks = CONVERSIONS[family.name][0]
    if is_gguf(file):
        from diffusers.models.model_loading_utils import load_gguf_checkpoint

        found = load_gguf_checkpoint(str(file))
        return {own: found[name] for own, name in without_prefix(list(found), marks).items()}
    from safetensors import safe_open

    with safe_open(file, "pt") as opened:
        names = without_prefix(list(opened.keys()), marks)
        return unscaled({own: opened.get_tensor(name) for own, name in names.items()}, dtype)


def _packed_where_it_may_be(weights: Mapping[str, Any], network: Any) -> dict[str, Any]:
    """Weights of matrices stay packed; others, which no layer unpacks, are unpacked here."""
    from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor
    from torch import nn

    matrices = {f"{name}.weight" for name, module in network.named_modules() if isinstance(module, nn.Linear)}
    return {
        name: value if name in matrices else dequantize_gguf_tensor(value).reshape(own.shape)
        for name, own in network.state_dict().items()
        for value in (weights[name],)
    }


def _check(weights: Mapping[str, Any], wanted: Mapping[str, Any], file: Path, packed: bool) -> None:
    """Raises ModelError where a weight is missing, is one too many, or has another shape."""
    for name, own in wanted.items():
        value = weights.get(name)
        shape = None if value is None else _shape(value, packed)
        same = shape == tuple(own.shape) or (
            packed and len(own.shape) > 4 and prod(shape or ()) == own.numel()
        )
        if not same:  # GGUF has four dimensions at most
            told = "is missing" if shape is None else f"has the shape {shape}"
            raise ModelError(
                f"This transformer is not the folder's: {name} {told}, where the folder says {tuple(own.shape)}.",
                where=file,
            )
    for name in weights:
        if name not in wanted:
            raise ModelError(f"This transformer is not the folder's, which has no {name}.", where=file)


def _shape(value: Any, packed: bool) -> tuple[int, ...]:
    """A weight's shape; of packed ones, that of the values which they hold."""
    kind = getattr(value, "quant_type", None) if packed else None
    if kind is None:
        return tuple(value.shape)
    from gguf import GGML_QUANT_SIZES

    values, size = GGML_QUANT_SIZES[kind]
    return (*value.shape[:-1], value.shape[-1] // size * values)
