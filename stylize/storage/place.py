"""Where run folders may lie: in a folder that every machine sees, or in object storage by its URL.

Local folders are `pathlib` paths. Others are `universal-pathlib`'s, which give fsspec's file systems the same
manners; an object that is put there appears whole or not at all.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from stylize.errors import CannotWrite, MissingPart
from stylize.system.dependencies import install_hint

if TYPE_CHECKING:
    from upath import UPath

    Place: TypeAlias = Path | UPath
else:
    Place = Any


def place(text: str | Path) -> Place:
    """The folder of that path or URL (`s3://bucket/run`, `memory://run`).

    Raises:
        MissingPart: the packages for this kind of storage are not installed.
    """
    if "://" not in str(text):
        return Path(text)
    protocol, _, rest = str(text).partition("://")
    if protocol == "file":
        return Path(unquote(rest))
    try:
        from upath import UPath

        found = UPath(str(text))
        _ = found.fs  # the kind's own package is imported only now
        return found
    except (ImportError, ValueError) as error:
        raise MissingPart(
            f"Storage of the kind {protocol}:// needs packages that are not installed.",
            where=str(text),
            hint=f"{install_hint('farm')}, and for s3:// also: pip install s3fs",
        ) from error


def is_local(folder: Place) -> bool:
    return isinstance(folder, Path)


def listed(folder: Place) -> set[str]:
    """The names in a folder, as they are now; none where there is no such folder."""
    if not isinstance(folder, Path):
        folder.fs.invalidate_cache(folder.path)  # file systems remember listings; others write here too
    return {each.name for each in folder.iterdir()} if folder.is_dir() else set()


def put(path: UPath, data: bytes) -> None:
    """Writes an object.

    Raises:
        CannotWrite: the storage refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.fs.pipe_file(path.path, data)
    except Exception as error:  # every kind of storage has its own exceptions
        raise CannotWrite(
            f"The storage refuses to be written: {error}.",
            where=str(path),
            hint="check its address, rights and room; the run can be resumed",
        ) from error


def remove_tree(folder: Place) -> None:
    """Removes a folder with all that is in it; one that is not there is no error."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.fs.rm(folder.path, recursive=True)


def written_at(path: Place) -> float:
    """When a file was written, in seconds since 1970; 0 where the storage does not say."""
    if isinstance(path, Path):
        return path.stat().st_mtime
    facts = path.fs.info(path.path)
    moment = facts.get("LastModified") or facts.get("created") or facts.get("mtime")
    return float(moment.timestamp() if hasattr(moment, "timestamp") else moment or 0)
