"""A catalogue of live models: static files by which a server hands each device the model that it can run.

    catalogue.json              which model is whose, by tier: its folder, version, and the digest of its manifest
    anime-m/3/live.json         the model's manifest: its files with digests and sizes
    anime-m/3/int8.onnx         ...

Any web server can give these files out. A version is never changed: another one is put beside it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.config.explain import explain
from stylize.edge.live.manifest import NAME as MANIFEST
from stylize.edge.live.manifest import check_live_file, read_live_manifest
from stylize.errors import ModelError, UsageError
from stylize.storage.atomic import atomic_write

NAME = "catalogue.json"
FORMAT = 1


class Offer(BaseModel):
    """One model of a catalogue: its folder beside the catalogue, and its manifest's digest and size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$")
    style: str
    version: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(gt=0, le=1 << 20)


class Catalogue(BaseModel):
    """The models of a server: by style, then by tier."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    styles: dict[str, dict[str, Offer]]

    def offer(self, style: str, tier: str, where: str) -> Offer:
        """The model for a device of that tier.

        Raises:
            ModelError: the catalogue has none.
        """
        offers = self.styles.get(style, {})
        if tier not in offers:
            known = (
                ", ".join(f"{name} {each}" for name in self.styles for each in self.styles[name]) or "nothing"
            )
            raise ModelError(
                f"This catalogue has no {tier} of the style {style!r}: it has {known}.",
                where=where,
                hint="choose another --tier or --style",
            )
        return offers[tier]


def parse_catalogue(text: bytes, where: str) -> Catalogue:
    """The catalogue in a file's contents.

    Raises:
        ModelError: it is not valid, or of another format.
    """
    try:
        table = json.loads(text)
        if isinstance(table, dict) and table.get("format") != FORMAT:
            raise ModelError(
                f"This catalogue is of format {table.get('format')!r}, and only {FORMAT} is read here.",
                where=where,
                hint="update stylize",
            )
        return Catalogue.model_validate(table)
    except ValidationError as error:
        raise ModelError(f"This catalogue is not valid: {explain(error)}", where=where) from error
    except ValueError as error:
        raise ModelError("This catalogue is not JSON.", where=where) from error


def publish(models: Sequence[Path], out: Path) -> Catalogue:
    """Copies live models into a folder for a web server, and writes or extends its catalogue, last of all.

    Args:
        models: folders of live models; each takes the place of an older version in the catalogue.

    Raises:
        ModelError: one is not whole. UsageError: that version is there already, and is another.
    """
    catalogue = out / NAME
    styles: dict[str, dict[str, Offer]] = {}
    if catalogue.is_file():
        styles = {
            style: dict(offers)
            for style, offers in parse_catalogue(catalogue.read_bytes(), str(catalogue)).styles.items()
        }
    for model in models:
        manifest = read_live_manifest(model)
        text = (model / MANIFEST).read_bytes()
        offer = Offer(
            folder=f"{manifest.name}/{manifest.version}",
            style=manifest.style,
            version=manifest.version,
            sha256=hashlib.sha256(text).hexdigest(),
            bytes=len(text),
        )
        _copy(
            model,
            [check_live_file(model, file) for file in manifest.files.values()],
            out / offer.folder,
            text,
        )
        styles.setdefault(manifest.style, {})[f"live-{manifest.network}"] = offer
    found = Catalogue(styles=styles)
    atomic_write(catalogue, found.model_dump_json(indent=1).encode() + b"\n")
    return found


def _copy(model: Path, files: Sequence[Path], folder: Path, manifest: bytes) -> None:
    there = folder / MANIFEST
    if there.is_file():
        if there.read_bytes() != manifest:
            raise UsageError(
                "Another model of this version was published here already.",
                where=folder,
                hint=f"give {model} a higher version: stylize train live --model-version N",
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, folder / file.name)
    atomic_write(there, manifest)
