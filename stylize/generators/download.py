"""Copies a model of the hub into a folder of the user's own; only at the user's own command."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stylize.errors import ModelError, OutputError, UsageError
from stylize.generators.fetching import is_of_the_hub
from stylize.system.network import read_network

KINDS = (".safetensors", ".json", ".txt", ".model", ".jinja")
"""Endings of files that cannot run code, and that a checkpoint's parts are made of."""
VARIANT = re.compile(r"\.(fp16|bf16|fp32|non_ema)(-\d+-of-\d+)?\.safetensors$")
INDEX = "model_index.json"


@dataclass(frozen=True)
class HubFile:
    """A file of the hub: its size in bytes, and its SHA-256 where the hub knows it (of large files)."""

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True)
class HubModel:
    """What of a model on the hub would be copied: `revision` is a commit, `licence` its short name."""

    name: str
    revision: str
    licence: str
    files: tuple[HubFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


def look_up(name: str, variant: str | None = None) -> HubModel:
    """Asks the hub what a model is; nothing is copied.

    Args:
        variant: `fp16` or `bf16`: take the smaller files of that name in place of the plain ones.

    Raises:
        UsageError: it is no name of the hub, or the network is switched off. ModelError: the hub does not have it.
    """
    if not is_of_the_hub(name):
        raise UsageError("This is no model of the hub.", where=name, hint="a hub id is like owner/name")
    if read_network().offline:
        raise UsageError("HF_HUB_OFFLINE switches the network off.", where=name, hint="unset it to download")
    from huggingface_hub import HfApi

    try:
        found = HfApi().model_info(name, files_metadata=True)
    except Exception as error:  # the hub's client raises a dozen kinds, from bad names to no network
        raise ModelError(
            "The hub did not tell of this model.",
            where=name,
            hint="check the name, the network and its terms",
        ) from error
    card = found.card_data.to_dict() if found.card_data else {}
    files = [
        HubFile(each.rfilename, int(each.size or 0), each.lfs.sha256 if each.lfs else None)
        for each in found.siblings or ()
    ]
    wanted = choose_files([file.name for file in files], variant)
    if not any(file.endswith(".safetensors") for file in wanted):
        raise ModelError("This model has no weights as .safetensors files.", where=name)
    return HubModel(
        name,
        str(found.sha),
        str(card.get("license_name") or card.get("license") or "not said"),
        tuple(file for file in files if file.name in wanted),
    )


def choose_files(names: Sequence[str], variant: str | None = None) -> frozenset[str]:
    """The files of a model that are copied: of a diffusers folder its parts and no second copy of the weights.

    A part's weights of the variant are taken where there are some, else the plain ones.
    """
    safe = [name for name in names if name.endswith(KINDS) or Path(name).name.startswith("LICENSE")]
    if INDEX in names:
        safe = [name for name in safe if "/" in name or name == INDEX or name.startswith("LICENSE")]
    chosen: set[str] = set()
    for folder in {str(Path(name).parent) for name in safe}:
        inside = [name for name in safe if str(Path(name).parent) == folder]
        weights = [name for name in inside if name.endswith(".safetensors")]
        plain = [name for name in weights if not VARIANT.search(name)]
        small = [name for name in weights if variant is not None and f".{variant}" in Path(name).name]
        chosen |= {name for name in inside if not name.endswith(".safetensors")}
        chosen |= set(small or plain or weights)
    return frozenset(chosen)


def download(model: HubModel, folder: Path) -> Path:
    """Copies a model's files into a new folder, which appears once every file is whole.

    Raises:
        UsageError: the folder exists. OutputError: there is not enough room, or it cannot be written.
        ModelError: a file did not arrive as the hub has it.
    """
    if folder.exists():
        raise UsageError("This folder exists.", where=folder, hint="choose another with -o")
    home = folder.absolute().parent
    try:
        home.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(home).free < model.bytes:
            raise OutputError(f"There is not enough room for {model.bytes / 2**30:.1f} GiB.", where=home)
        with tempfile.TemporaryDirectory(prefix=".downloading-", dir=home) as draft:
            whole = Path(draft) / folder.name
            _fetch(model, whole)
            _check(model, whole)
            shutil.rmtree(whole / ".cache", ignore_errors=True)  # the client's own notes
            whole.replace(folder)
    except OSError as error:
        raise OutputError(f"It cannot be written: {error.strerror or error}.", where=folder) from error
    return folder


def _fetch(model: HubModel, draft: Path) -> None:
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(
            model.name,
            revision=model.revision,
            local_dir=draft,
            allow_patterns=[file.name for file in model.files],
        )
    except Exception as error:  # as in `look_up`
        raise ModelError("The download broke off.", where=model.name, hint="try again later") from error


def _check(model: HubModel, draft: Path) -> None:
    for file in model.files:
        path = draft / file.name
        if not path.is_file() or path.stat().st_size != file.size:
            raise ModelError(f"{file.name} did not arrive whole.", where=model.name, hint="try again")
        if file.sha256 is not None:
            with path.open("rb") as opened:
                if hashlib.file_digest(opened, "sha256").hexdigest() != file.sha256:
                    raise ModelError(
                        f"{file.name} is not what the hub has.", where=model.name, hint="try again"
                    )
