"""Where the exports of this machine lie, and which of them were made for a config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from stylize.config.style import Control, Lora
from stylize.edge.manifest import FORMAT, NAME, Manifest, TargetName, is_export, read_manifest
from stylize.storage.digests import digest_of
from stylize.storage.fingerprint import fingerprint
from stylize.storage.user_cache import user_cache_folder

PREFERENCE: tuple[TargetName, ...] = ("cpu-int8", "w8", "float", "htp-w8a16")
"""In which order a run looks for an export that was not timed yet: usually the fastest first."""


@dataclass(frozen=True)
class ExportKey:
    """Everything that is fixed in an export: the weights' revision, ControlNets, fused LoRAs and clip_skip.

    `controls` are pairs of a condition and the ControlNet's revision, `loras` of a file's digest and its weight.
    """

    revision: str
    controls: tuple[tuple[str, str], ...]
    loras: tuple[tuple[str, float], ...]
    clip_skip: int

    @property
    def digest(self) -> str:
        """Sixteen hex digits that stand for it, in names of folders and in manifests."""
        return fingerprint(FORMAT, self.revision, self.controls, self.loras, self.clip_skip)


def export_key_of(
    revision: str, controls: Sequence[Control], loras: Sequence[Lora], clip_skip: int
) -> ExportKey:
    """The key of the exports that can draw with these. LoRAs of weight 0 do nothing and are left out."""
    return ExportKey(
        revision,
        tuple((control.condition, controlnet_revision(control.model)) for control in controls),
        tuple((lora_digest(lora.file), lora.weight) for lora in loras if lora.weight != 0),
        clip_skip,
    )


def controlnet_revision(model: str | None) -> str:
    """Stands for a ControlNet's weights: a digest of its files, a hub id's name, or "" for the checkpoint's own."""
    if model is None:
        return ""
    path = Path(model)
    if path.is_dir():
        return fingerprint([digest_of(file) for file in sorted(path.rglob("*.safetensors"))])
    return digest_of(path)[:16] if path.is_file() else model


def lora_digest(file: str) -> str:
    """The SHA-256 of a LoRA's file; a hub id stands for itself."""
    return digest_of(Path(file)) if Path(file).is_file() else file


def library_folder() -> Path:
    """Where exports, the recordings they were calibrated on, and the timings of this machine are kept."""
    return user_cache_folder() / "edge"


def bundled_exports() -> Path:
    """The folder of the exports that come with the program, one for each bundled style."""
    return Path(str(resources.files("stylize") / "models" / "edge"))


def export_folder(key: ExportKey, target: str, shape: tuple[int, int] | None) -> Path:
    """Where an export is kept; `shape` is (width, height), px, where it is for one size."""
    size = "" if shape is None else f"-{shape[0]}x{shape[1]}"
    return library_folder() / f"{key.digest}-{target}{size}"


def exports_for(key: ExportKey) -> list[tuple[Path, Manifest]]:
    """The finished exports with that key, bundled or made on this machine, in the order of `PREFERENCE`.

    Raises:
        ModelError: one of them has a manifest that cannot be read.
    """
    folders = [file.parent for file in sorted(bundled_exports().glob(f"*/{NAME}"))]
    bundled = [(folder, read_manifest(folder)) for folder in folders]
    found = []
    for target in PREFERENCE:
        found += [each for each in bundled if (each[1].target, each[1].key) == (target, key.digest)]
        for folder in sorted(library_folder().glob(f"{key.digest}-{target}*")):
            if is_export(folder):
                found.append((folder, read_manifest(folder)))
    return found
