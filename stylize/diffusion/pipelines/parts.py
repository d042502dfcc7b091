"""Loads the parts of a diffusers folder, and puts them together as the pipeline that draws."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import locate
from stylize.diffusion.families import PipelineFamily
from stylize.diffusion.families.pipelines import pipeline_family
from stylize.diffusion.folder import read_index, weight_options
from stylize.diffusion.hub import hub_checkpoint
from stylize.diffusion.loading import explained, quiet
from stylize.diffusion.part_classes import has_weights, part_class
from stylize.diffusion.transformer_files.load import load_transformer_file
from stylize.errors import ModelError

NOT_PARTS = ("safety_checker", "image_encoder", "feature_extractor")
"""Parts that no pipeline here draws with."""


def load_pipeline_parts(
    name: str, dtype: Any, offline: bool, transformer: str | None = None
) -> tuple[PipelineFamily, dict[str, Any]]:
    """The family of a folder or a hub id, and the parts and numbers of its pipeline, by their names in diffusers.

    Args:
        transformer: a file whose weights take the place of the folder's.

    Raises:
        UsageError, ModelError: it is not there, a part is of a class that is not loaded, or has no .safetensors.
    """
    import torch

    place = locate(name)
    folder = Path(place) if Path(place).is_dir() else hub_checkpoint(place, offline)
    index = read_index(folder)
    family = pipeline_family(str(index.get("_class_name", "")))
    if family is None:
        raise ModelError("No pipeline here draws with this checkpoint.", where=folder)
    parts: dict[str, Any] = {}
    with explained(place), quiet():
        for part, value in index.items():
            if part.startswith("_") or part in NOT_PARTS:
                continue
            if not isinstance(value, list):
                parts[part] = value
                continue
            if part == "transformer" and transformer is not None:
                kind = part_class(folder, part, *value).__name__
                parts[part] = load_transformer_file(Path(transformer), kind, family, folder, dtype)
                continue
            own = torch.float32 if part == "vae" and family.vae_in_fp32 else dtype
            parts[part] = None if value[0] is None else load_part(folder, part, value, own)
    return family, parts


def load_part(folder: Path, part: str, named: Iterable[str], dtype: Any) -> Any:
    """One part from its folder inside a checkpoint's."""
    library, kind = named
    loader = part_class(folder, part, library, kind)
    options = weight_options(folder / part, dtype) if has_weights(part) else {}
    loaded = loader.from_pretrained(folder / part, local_files_only=True, **options)
    return loaded.requires_grad_(False).eval() if options else loaded


def assemble(kind: str, parts: dict[str, Any], **more: Any) -> Any:
    """A pipeline of one of diffusers' classes from loaded parts."""
    import diffusers

    with quiet():
        pipe = getattr(diffusers, kind)(**parts, **more)
    pipe.set_progress_bar_config(disable=True)
    return pipe
