"""A checkpoint in a diffusers folder: its parts, each in a folder of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from stylize.diffusion.families import Family, family_of_folder
from stylize.diffusion.families.recognise import check_inputs
from stylize.diffusion.part_classes import has_weights, part_class
from stylize.errors import ModelError
from stylize.system.documents import DocumentError, read_json

PARTS = ("unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "scheduler")
VARIANTS = (None, "fp16", "bf16", "fp32")
"""What may stand between a weight file's name and its ending."""


def read_family(folder: Path) -> Family:
    """The family of a folder's checkpoint, from its configuration files.

    Raises:
        ModelError: it is of a family that is not drawn with here, or a configuration cannot be read.
    """
    unet = read_config(folder, "unet") if (folder / "unet").is_dir() else {}
    if unet:
        check_inputs(int(unet.get("in_channels", 4)), int(unet.get("out_channels", 4)), folder)
    pipeline = str(read_index(folder).get("_class_name", ""))
    return family_of_folder(pipeline, bool(unet.get("use_linear_projection")), folder)


def load_folder(folder: Path, dtype: Any) -> tuple[Family, dict[str, Any]]:
    """The family, and the parts by their names in diffusers: unet, vae, text encoders, tokenizers, scheduler.

    Raises:
        ModelError: a part is missing, of a class that is not loaded, or without weights as .safetensors.
    """
    family = read_family(folder)
    index = read_index(folder)
    parts: dict[str, Any] = {}
    for name in PARTS:
        library, kind = index.get(name) or (None, None)
        if kind is None:
            if name.endswith("_2"):
                continue
            raise ModelError(
                f"This checkpoint cannot be loaded: its model_index.json names no {name}.", where=folder
            )
        loader = part_class(folder, name, library, kind)
        options = weight_options(folder / name, dtype) if has_weights(name) else {}
        parts[name] = loader.from_pretrained(folder / name, local_files_only=True, **options)
    if family.name != "sdxl":
        parts["scheduler"] = _mended(parts["scheduler"])
    return family, parts


def _mended(scheduler: Any) -> Any:
    """The scheduler with what old configurations lack, as diffusers' own pipelines of these families mend it."""
    changes = {
        name: value
        for name, value in (("steps_offset", 1), ("clip_sample", False))
        if name in scheduler.config and scheduler.config[name] != value
    }
    return type(scheduler).from_config(scheduler.config, **changes) if changes else scheduler


def weight_options(folder: Path, dtype: Any) -> dict[str, Any]:
    """How the weights in a part's folder are loaded, by the files that are there.

    Raises:
        ModelError: there are none, or only such as can run code.
    """
    _check_listed(folder)
    for variant in VARIANTS:
        pattern = "" if variant is None else rf"\.{variant}(-\d+-of-\d+)?"
        if any(
            re.fullmatch(rf"[^.]+{pattern}\.safetensors", file.name) for file in folder.glob("*.safetensors")
        ):
            return {"dtype": dtype, "use_safetensors": True} | ({"variant": variant} if variant else {})
    pickled = sorted(folder.glob("*.bin"))
    raise ModelError(
        f"This model's {folder.name} has its weights as {pickled[0].name} only, which can run code."
        if pickled
        else f"This model's {folder.name} has no weights.",
        where=folder,
        hint="take a copy with .safetensors files"
        + (", or convert it: safetensors' convert.py" if pickled else ""),
    )


def _check_listed(folder: Path) -> None:
    """Raises ModelError: a list of files that hold the weights together names another kind of file, which diffusers
    and transformers would read as what it is."""
    for file in folder.glob("*.safetensors.index*.json"):
        listed = _read_table(file, "This model's list of weight files cannot be read.").get("weight_map")
        names = listed.values() if isinstance(listed, dict) else [None]
        if not all(isinstance(name, str) and name.endswith(".safetensors") for name in names):
            raise ModelError(
                f"This model's {folder.name} lists weight files that are no .safetensors files.",
                where=file,
                hint="take a copy with .safetensors files",
            )


def read_index(folder: Path) -> dict[str, Any]:
    return _read_table(folder / "model_index.json", "This checkpoint has no readable model_index.json.")


def read_config(folder: Path, part: str) -> dict[str, Any]:
    """The configuration of a part.

    Raises:
        ModelError: there is none, or it is not JSON.
    """
    return _read_table(
        folder / part / "config.json", f"This checkpoint's {part} has no readable configuration."
    )


def read_scheduler(folder: Path) -> dict[str, Any]:
    """The scheduler's class and settings.

    Raises:
        ModelError: there are none, or they are not JSON.
    """
    file = folder / "scheduler" / "scheduler_config.json"
    return _read_table(file, "This checkpoint's scheduler has no readable configuration.")


def _read_table(file: Path, says: str) -> dict[str, Any]:
    try:
        return dict(read_json(file))
    except (DocumentError, ValueError, TypeError) as error:
        raise ModelError(says, where=file) from error
