"""What a pack's own live model may be: ONNX files that hold all of themselves, each named by its manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from stylize.config.live_manifest import parse_live_manifest
from stylize.config.packs.onnx_files import is_self_contained
from stylize.config.packs.pack import LIVE_FOLDER, LIVE_MANIFEST
from stylize.errors import ModelError, UsageError


def is_of_live_model(place: PurePosixPath) -> bool:
    """Whether a place inside a pack is that of a file that only a live model has."""
    in_folder = place.parts[-2:-1] == (LIVE_FOLDER,)  # an archive may have one folder around all
    return in_folder and (place.suffix == ".onnx" or place.name == LIVE_MANIFEST)


def check_live_folder(folder: Path, where: Path) -> None:
    """Sees that a pack's live model, if it has one, is whole.

    Args:
        folder: the pack's.
        where: what the user gave, for the errors.

    Raises:
        UsageError: networks without a manifest, one that names other files, or a network that reaches out.
    """
    home = folder / LIVE_FOLDER
    files = sorted(folder.rglob("*.onnx"))
    if stray := next((file for file in files if file.parent != home), None):
        raise UsageError(
            f"A network lies where none is looked for: {stray.relative_to(folder).as_posix()}.",
            where=where,
            hint=f"a pack's own live model lies in its folder {LIVE_FOLDER}",
        )
    networks = {file.name: file.read_bytes() for file in files}
    if not networks and not (home / LIVE_MANIFEST).is_file():
        return
    named = _digests(home / LIVE_MANIFEST, where)
    if set(named) != set(networks):
        odd = ", ".join(sorted(set(named) ^ set(networks)))
        raise UsageError(
            f"The manifest of this pack's live model does not fit its files: {odd}.", where=where
        )
    for name, data in networks.items():
        if hashlib.sha256(data).hexdigest() != named[name]:
            raise UsageError(
                f"This file is not the one that its manifest was written for: {LIVE_FOLDER}/{name}.",
                where=where,
            )
        _check_network(data, name, where)


def _digests(file: Path, where: Path) -> dict[str, str]:
    """The files that a manifest names, with their SHA-256."""
    try:
        manifest = parse_live_manifest(file.read_bytes(), f"{LIVE_FOLDER}/{LIVE_MANIFEST}")
    except OSError as error:
        raise UsageError("The manifest of this pack's live model is missing.", where=where) from error
    except ModelError as error:
        raise UsageError(
            f"The manifest of this pack's live model is not valid: {error.what}", where=where
        ) from error
    return {each.name: each.sha256 for each in manifest.files.values()}


def _check_network(data: bytes, name: str, where: Path) -> None:
    try:
        alone = is_self_contained(data)
    except ValueError as error:
        raise UsageError(f"This is no ONNX file: {LIVE_FOLDER}/{name}: {error}.", where=where) from error
    if not alone:
        raise UsageError(f"This network reads files outside of its pack: {LIVE_FOLDER}/{name}.", where=where)
