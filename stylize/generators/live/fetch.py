"""Fetches the model that a server's catalogue offers a device: resumed, verified, kept; else the last good one."""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.edge.live.manifest import (
    NAME as MANIFEST,
)
from stylize.edge.live.manifest import (
    LiveFile,
    LiveManifest,
    check_live_file,
    parse_live_manifest,
    read_live_manifest,
)
from stylize.errors import ModelError, StylizeError, UsageError
from stylize.generators.live.catalogue import NAME as CATALOGUE
from stylize.generators.live.catalogue import Offer, parse_catalogue
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint
from stylize.storage.user_cache import user_cache_folder

GOOD = "good.json"
"""Beside the versions of a model: which of them was last found whole."""
PART = ".part"
BLOCK = 1 << 16
MAX_CATALOGUE_BYTES = 1 << 20


@dataclass(frozen=True)
class Fetched:
    """A live model on this machine. `fault` says why it is the last good one, and not what the server offers;
    None where it is the server's."""

    folder: Path
    manifest: LiveManifest
    fault: str | None


def fetch_model(
    server: str, style: str, tier: str, *, cache: Path | None = None, timeout: float = 20.0
) -> Fetched:
    """Brings the model that a server offers for a tier, and keeps it.

    What was fetched of a file before is not fetched again; a file counts only when its size and SHA-256 are the
    manifest's. A version older than the one that is here is refused. Where anything goes wrong, the last good
    model of this server, style and tier is returned, and `fault` says why.

    Args:
        server: where `catalogue.json` lies: http:// or https://.
        cache: the folder to keep models in; by default the user's.
        timeout: the longest wait for an answer or for the next piece of it, s.

    Raises:
        UsageError: the address is none. ModelError: nothing could be fetched, and there is no last good model.
    """
    if urllib.parse.urlparse(server).scheme not in ("http", "https"):
        raise UsageError("This is no address of a server.", where=server, hint="write http:// or https://")
    home = (cache or user_cache_folder() / "live") / fingerprint(server.rstrip("/"), style, tier)
    try:
        return _fetch(server.rstrip("/"), style, tier, home, timeout)
    except (StylizeError, OSError, http.client.HTTPException) as error:
        good = last_good(home)
        if good is None:
            if isinstance(error, StylizeError):
                raise
            raise ModelError(
                f"The server did not give the model: {_words(error)}.",
                where=server,
                hint="try again: what has arrived is kept",
            ) from error
        return Fetched(good, read_live_manifest(good), _words(error))


def last_good(home: Path) -> Path | None:
    """The folder of the last model that was whole, with every file looked at again; None where there is none."""
    try:
        folder = home / str(int(json.loads((home / GOOD).read_text())["version"]))
        manifest = read_live_manifest(folder)
        for file in manifest.files.values():
            check_live_file(folder, file)
    except (OSError, ValueError, KeyError, TypeError, ModelError):
        return None
    return folder


def _fetch(server: str, style: str, tier: str, home: Path, timeout: float) -> Fetched:
    where = f"{server}/{CATALOGUE}"
    offer = parse_catalogue(_read(where, MAX_CATALOGUE_BYTES, timeout), where).offer(style, tier, where)
    good = last_good(home)
    if good is not None and int(good.name) > offer.version:
        raise ModelError(
            f"The server offers version {offer.version}, and version {good.name} is here already.",
            where=where,
        )
    folder = home / str(offer.version)
    manifest, text = _read_manifest(server, offer, timeout)
    if good == folder and (folder / MANIFEST).read_bytes() == text:
        return Fetched(folder, manifest, None)
    folder.mkdir(parents=True, exist_ok=True)
    for file in manifest.files.values():
        _download(f"{server}/{offer.folder}/{file.name}", file, folder, timeout)
    atomic_write(folder / MANIFEST, text)
    atomic_write(home / GOOD, json.dumps({"version": offer.version}).encode())
    return Fetched(folder, manifest, None)


def _read_manifest(server: str, offer: Offer, timeout: float) -> tuple[LiveManifest, bytes]:
    where = f"{server}/{offer.folder}/{MANIFEST}"
    text = _read(where, offer.bytes, timeout)
    if hashlib.sha256(text).hexdigest() != offer.sha256:
        raise ModelError("This manifest is not the one that the catalogue names.", where=where)
    manifest = parse_live_manifest(text, where)
    if manifest.version != offer.version:
        raise ModelError(f"This manifest is of version {manifest.version}, not {offer.version}.", where=where)
    return manifest, text


def _download(address: str, file: LiveFile, folder: Path, timeout: float) -> None:
    """One file, from where an earlier attempt was cut off.

    Raises:
        ModelError: what came is not what the manifest names; it is thrown away.
        OSError: the server stopped answering; what has arrived is kept.
    """
    path, part = folder / file.name, folder / f"{file.name}{PART}"
    if path.is_file() and path.stat().st_size == file.bytes and _digest(path) == file.sha256:
        return
    have = part.stat().st_size if part.is_file() else 0
    if have > file.bytes:
        part.unlink()
        have = 0
    if have < file.bytes:
        with _open(address, timeout, first=have) as answer:
            resumed = have > 0 and answer.status == http.client.PARTIAL_CONTENT
            with part.open("ab" if resumed else "wb") as out:
                _copy(answer, out, file.bytes - (have if resumed else 0), address)
    if part.stat().st_size < file.bytes:
        raise OSError(f"the server ended after {part.stat().st_size} of {file.bytes} bytes of {file.name}")
    if _digest(part) != file.sha256:
        part.unlink()
        raise ModelError(
            "This file is not the one that the manifest names: its SHA-256 differs.", where=address
        )
    part.replace(path)


def _copy(answer: Any, out: Any, most: int, address: str) -> None:
    while block := answer.read(BLOCK):
        most -= len(block)
        if most < 0:
            raise ModelError("The server gives more bytes than the manifest names.", where=address)
        out.write(block)


def _read(address: str, most: int, timeout: float) -> bytes:
    with _open(address, timeout) as answer:
        text: bytes = answer.read(most + 1)
    if len(text) > most:
        raise ModelError(f"This file is longer than {most} bytes.", where=address)
    return text


def _open(address: str, timeout: float, first: int = 0) -> Any:
    asked = urllib.request.Request(address, headers={"Range": f"bytes={first}-"} if first else {})
    try:
        return urllib.request.urlopen(asked, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        raise ModelError(f"The server answers {error.code} {error.reason}.", where=address) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _words(error: BaseException) -> str:
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return str(error) or type(error).__name__
