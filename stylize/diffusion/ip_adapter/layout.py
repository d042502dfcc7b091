"""The file of an IP-Adapter: what kind it is and what it takes, by its header; and the image encoder beside it.

Source: Ye et al., "IP-Adapter", 2023, and the layout of its published files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.diffusion.loading import PICKLES, REFUSAL
from stylize.diffusion.single_file.header import read_header
from stylize.errors import ModelError, UsageError
from stylize.system.documents import DocumentError, read_json

PROJECTION, ATTENTION = "image_proj.", "ip_adapter."
KINDS = (
    ("proj.weight", "proj.bias", False),
    ("proj.0.weight", "proj.3.weight", True),
    ("proj_in.weight", "latents", True),
)
"""For plain, full and plus adapters: the weight whose columns are what is taken, another one that only this kind
has, and whether it takes what is said of patches."""
BESIDE = ("image_encoder", "../image_encoder", "../models/image_encoder", "../sdxl_models/image_encoder")
"""Where image encoders lie, from the adapter's folder."""


@dataclass(frozen=True)
class AdapterLayout:
    """What an adapter's header tells.

    Attributes:
        of_patches: it takes what the encoder says of every patch of a picture (`plus`, `full`), not of the whole.
        width: how many numbers it takes of each patch or picture.
        attention: the shapes of its weights for the UNet's attention to words, by their names in the file.
    """

    of_patches: bool
    width: int
    attention: Mapping[str, tuple[int, ...]]


def read_layout(file: Path) -> AdapterLayout:
    """Reads an adapter's header.

    Raises:
        UsageError: there is no such file, or it can run code. ModelError: it is no IP-Adapter that is known here.
    """
    if file.suffix.lower() in PICKLES and "faceid" in file.name.lower():
        raise _face_id(file)  # these are published in this form alone
    if file.suffix.lower() in PICKLES:
        raise UsageError(
            f"A {file.suffix} file is not loaded: {REFUSAL}.",
            where=file,
            hint="IP-Adapters are published as .safetensors too",
        )
    if not file.is_file():
        raise UsageError("There is no such IP-Adapter.", where=file)
    shapes = read_header(file).shapes
    of_projection = _inside(shapes, PROJECTION)
    attention = _inside(shapes, ATTENTION)
    for name, other, of_patches in KINDS:
        if len(of_projection.get(name, ())) == 2 and other in of_projection and attention:
            return AdapterLayout(of_patches, of_projection[name][1], attention)
    if "proj.0.weight" in of_projection:
        raise _face_id(file)
    raise ModelError("This file is no IP-Adapter that is known here.", where=file)


def _face_id(file: Path) -> ModelError:
    return ModelError(
        "This IP-Adapter is given the numbers of a face (FaceID), which are not computed here.",
        where=file,
        hint="take a plain one, a plus one, or plus-face",
    )


def check_fits(layout: AdapterLayout, unet: Any, where: Path) -> None:
    """Checks an adapter's weights against the UNet's attention to words.

    Raises:
        ModelError: it is for another family.
    """
    words = [name for name in unet.attn_processors if not name.endswith("attn1.processor")]
    wanted: dict[str, tuple[int, ...]] = {}
    for number, name in enumerate(words):
        attention = unet.get_submodule(name.removesuffix(".processor"))
        for role in ("k", "v"):
            wanted[f"{2 * number + 1}.to_{role}_ip.weight"] = tuple(
                getattr(attention, f"to_{role}").weight.shape
            )
    for name, shape in wanted.items():
        theirs = layout.attention.get(name)
        if theirs != shape:
            told = "has no such layer" if theirs is None else f"has {_spell(theirs)} there"
            raise ModelError(
                f"This IP-Adapter is for another family: this checkpoint wants {_spell(shape)} at {name}, and it "
                f"{told}.",
                where=where,
                hint="there are others for Stable Diffusion 1.x and for XL",
            )


def find_encoder(file: Path, layout: AdapterLayout, named: Path | None) -> Path:
    """The folder of the image encoder that an adapter was trained with: the one named, or one that lies near it.

    Raises:
        UsageError: there is none. ModelError: it gives other numbers than the adapter takes.
    """
    near = [named] if named is not None else [file.parent / each for each in BESIDE]
    there = [folder for folder in near if (folder / "config.json").is_file()]
    if not there:
        raise UsageError(
            "There is no image encoder beside this IP-Adapter."
            if named is None
            else "This folder is no image encoder: it has no config.json.",
            where=file if named is None else named,
            hint="name the folder that was published with it: --image-encoder DIR",
        )
    found = {folder: _encoder_width(folder, layout.of_patches) for folder in there}
    fitting = [folder for folder, width in found.items() if width == layout.width]
    if not fitting:
        folder, width = next(iter(found.items()))
        raise ModelError(
            f"This image encoder is not this IP-Adapter's: it gives {width} numbers, and {layout.width} are taken.",
            where=folder,
            hint="name the one that was published with it: --image-encoder DIR",
        )
    return fitting[0].resolve()


def _encoder_width(folder: Path, of_patches: bool) -> int:
    try:
        config = dict(read_json(folder / "config.json"))
        return int(config.get("hidden_size", 768) if of_patches else config.get("projection_dim", 512))
    except (DocumentError, ValueError, TypeError) as error:
        raise ModelError("This image encoder has no readable configuration.", where=folder) from error


def _inside(shapes: Mapping[str, tuple[int, ...]], prefix: str) -> dict[str, tuple[int, ...]]:
    return {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}


def _spell(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
