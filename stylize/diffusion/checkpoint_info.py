"""What can be known of a checkpoint without loading its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import locate
from stylize.errors import ModelError
from stylize.storage.fingerprint import fingerprint, fingerprint_file

STABLE_DIFFUSION = {"latent_scale": 8, "levels": 4, "short_side": 512}
"""What a single .safetensors file is taken for: Stable Diffusion 1.x keeps its configuration elsewhere."""


@dataclass(frozen=True)
class CheckpointInfo:
    """A checkpoint's place and measures.

    `short_side` is the size it was made for, px; `latent_scale` is how many pixels a latent spans; `levels` is
    how many sizes the UNet works at; `revision` stands for the weights themselves.
    """

    place: str
    revision: str
    weights_bytes: int
    short_side: int
    latent_scale: int
    levels: int

    @property
    def grid(self) -> int:
        """The sides of a picture are padded to a multiple of this, px."""
        return self.latent_scale * 2 ** (self.levels - 1)


def inspect_weights(name: str, offline: bool = False) -> CheckpointInfo:
    """Reads the configuration files of a checkpoint.

    Raises:
        UsageError, ModelError: there is no such checkpoint.
    """
    place = locate(name)
    path = Path(place)
    if path.is_file():
        return CheckpointInfo(place, fingerprint_file(path), path.stat().st_size, **STABLE_DIFFUSION)
    folder = path if path.is_dir() else _hub_folder(place, offline)
    unet, vae = _config(folder, "unet"), _config(folder, "vae")
    weights = sorted(folder.rglob("*.safetensors"))
    latent_scale = 2 ** (len(vae["block_out_channels"]) - 1)
    return CheckpointInfo(
        place,
        _revision(folder) if path.is_dir() else folder.name,
        sum(each.stat().st_size for each in weights),
        int(unet["sample_size"]) * latent_scale,
        latent_scale,
        len(unet["block_out_channels"]),
    )


def _revision(folder: Path) -> str:
    """Stands for the weights and for the configurations, which decide as much: a scheduler's spacing, say."""
    files = sorted([*folder.rglob("*.safetensors"), *folder.rglob("*.json")])
    return fingerprint([(str(each.relative_to(folder)), fingerprint_file(each)) for each in files])


def _hub_folder(name: str, offline: bool) -> Path:
    """The folder in the hub's cache that holds a checkpoint's configuration, fetched if need be."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json"], local_files_only=offline))
    except Exception as error:  # the hub's client raises a dozen kinds, from bad names to no network
        raise ModelError(
            "This checkpoint cannot be had: it is not on this machine, and the hub does not answer for it.",
            where=name,
            hint="check the name and the network, or give a folder or .safetensors file",
        ) from error


def _config(folder: Path, part: str) -> dict[str, Any]:
    file = folder / part / "config.json"
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, json.JSONDecodeError) as error:
        raise ModelError(f"This checkpoint's {part} has no readable configuration.", where=file) from error
