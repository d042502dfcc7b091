"""Where the exports of this machine lie, and which of them fits a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from stylize.config.style import Control, Lora
from stylize.edge.manifest import FORMAT, Manifest, TargetName, digest_of, is_export, read_manifest
from stylize.storage.fingerprint import fingerprint

QUICKEST: tuple[TargetName, ...] = ("cpu-int8", "w8", "float", "htp-w8a16")
"""In which order a run looks for an export."""


@dataclass(frozen=True)
class Wanted:
    """What an export must be of: the weights' revision and everything that is fused into the graphs."""

    revision: str
    controls: tuple[tuple[str, str], ...]
    loras: tuple[tuple[str, float], ...]
    clip_skip: int

    @property
    def key(self) -> str:
        return fingerprint(FORMAT, self.revision, self.controls, self.loras, self.clip_skip)


def library_folder() -> Path:
    """Exports and calibrations made on this machine; the one place outside a film's folder that is written."""
    return Path(platformdirs.user_cache_dir("stylize")) / "edge"


def wanted_of(revision: str, controls: Sequence[Control], loras: Sequence[Lora], clip_skip: int) -> Wanted:
    """What a look needs of an export. LoRAs of weight 0 do nothing and are left out."""
    return Wanted(
        revision,
        tuple((control.condition, model_revision(control.model)) for control in controls),
        tuple((lora_digest(lora.file), lora.weight) for lora in loras if lora.weight != 0),
        clip_skip,
    )


def model_revision(model: str | None) -> str:
    """Stands for a ControlNet's weights: "" for the one that comes with the checkpoint."""
    if model is None:
        return ""
    path = Path(model)
    if path.is_dir():
        return fingerprint([digest_of(file) for file in sorted(path.rglob("*.safetensors"))])
    return digest_of(path)[:16] if path.is_file() else model


def lora_digest(file: str) -> str:
    return digest_of(Path(file)) if Path(file).is_file() else file


def place_of(wanted: Wanted, target: str, shape: tuple[int, int] | None) -> Path:
    """Where an export for the target is kept."""
    size = "" if shape is None else f"-{shape[0]}x{shape[1]}"
    return library_folder() / f"{wanted.key}-{target}{size}"


def exports_of(wanted: Wanted) -> list[tuple[Path, Manifest]]:
    """The exports of this machine that fit, quickest kind first."""
    found = []
    for target in QUICKEST:
        for folder in sorted(library_folder().glob(f"{wanted.key}-{target}*")):
            if is_export(folder):
                found.append((folder, read_manifest(folder)))
    return found
