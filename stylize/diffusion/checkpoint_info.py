"""What is known of a checkpoint before its weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import locate
from stylize.diffusion.hub import hub_folder
from stylize.errors import ModelError
from stylize.storage.digests import digest_of
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.system.documents import DocumentError, read_json

STABLE_DIFFUSION = {"latent_scale": 8, "levels": 4, "short_side": 512}
"""What a single .safetensors file is taken to be: it holds no configuration."""


@dataclass(frozen=True)
class CheckpointInfo:
    """What is known of a checkpoint, or of an export.

    `place` is a folder, a file or a hub id; `revision` stands for the weights and their configuration;
    `short_side` is the size that it was trained for, px; `latent_scale` is how many pixels a latent spans, each
    way; `levels` is the number of resolutions in the UNet.
    """

    place: str
    revision: str
    weights_bytes: int
    short_side: int
    latent_scale: int
    levels: int

    @property
    def grid(self) -> int:
        """The multiple that a picture's sides are padded to, px."""
        return self.latent_scale * 2 ** (self.levels - 1)


def inspect_weights(name: str, offline: bool = False) -> CheckpointInfo:
    """Reads the configuration files of a checkpoint, and computes its revision.

    Raises:
        UsageError, ModelError: there is no such checkpoint.
    """
    place = locate(name)
    path = Path(place)
    if path.is_file():
        return CheckpointInfo(place, digest_of(path)[:16], path.stat().st_size, **STABLE_DIFFUSION)
    folder = path if path.is_dir() else hub_folder(place, ("*.json",), offline)
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
    """Stands for the weights, and for the configurations: a scheduler's settings change the frames as well."""
    digests = {file: digest_of(file)[:16] for file in folder.rglob("*.safetensors")}
    digests |= {file: fingerprint_file(file) for file in folder.rglob("*.json")}
    return fingerprint([(str(file.relative_to(folder)), digests[file]) for file in sorted(digests)])


def _config(folder: Path, part: str) -> dict[str, Any]:
    file = folder / part / "config.json"
    try:
        return dict(read_json(file))
    except (DocumentError, ValueError, TypeError) as error:
        raise ModelError(f"This checkpoint's {part} has no readable configuration.", where=file) from error
