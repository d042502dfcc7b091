"""Takes a pack in, from a folder or a .zip, and takes it out again."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stylize.config.packs.check import MOST_FILES, check_name, check_once, check_pack, check_size
from stylize.config.packs.folders import bundled_folder, installed_folder
from stylize.config.packs.pack import StylePack, read_pack
from stylize.errors import OutputError, UsageError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
CHUNK = 1 << 20


def install_pack(source: Path, name: str | None = None, overwrite: bool = False) -> StylePack:
    """Copies a pack into the user's own folder of styles, once all of it is checked.

    Args:
        source: a folder, or a .zip that holds one or its contents.
        name: what it is called here; by default as the folder or file is.
        overwrite: replace the installed pack of that name.

    Raises:
        UsageError: a pack that cannot be meant, is unsafe, or has the name of another.
        OutputError: the folder of styles cannot be written.
    """
    called = name or _name_of(source)
    check_style_name(called, source)
    home = installed_folder()
    place = home / called
    if place.exists() and not overwrite:
        raise UsageError(
            f"A style called {called!r} is installed already.", where=place, hint="add -y to replace it"
        )
    with _beside(home) as draft:
        if source.is_dir():
            _copy(source, draft)
        elif source.is_file() and zipfile.is_zipfile(source):
            _unzip(source, draft)
        elif source.exists():
            raise UsageError("This is neither a folder nor a .zip file.", where=source)
        else:
            raise UsageError("There is no such style pack.", where=source)
        check_pack(draft, source)
        _put(draft, place)
    return read_pack(place / "style.toml")


def check_style_name(name: str, where: Path) -> None:
    """Raises UsageError: a style cannot be called so, or one that comes with the program is."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"A style cannot be called {name!r}.",
            where=where,
            hint="small letters, digits, dots and dashes; another name is given with --name",
        )
    if (bundled_folder() / name).is_dir():
        raise UsageError(f"A style called {name!r} comes with the program.", hint="choose another: --name")


def remove_pack(name: str) -> Path:
    """Takes an installed style away.

    Returns:
        Where it was.

    Raises:
        UsageError: it is not installed, or comes with the program.
    """
    place = installed_folder() / name
    if NAME.fullmatch(name) and (place / "style.toml").is_file():
        shutil.rmtree(place)
        return place
    if NAME.fullmatch(name) and (bundled_folder() / name).is_dir():
        raise UsageError(f"The style {name!r} comes with the program; it cannot be removed.")
    there = sorted(file.parent.name for file in installed_folder().glob("*/style.toml"))
    raise UsageError(
        f"No style called {name!r} is installed.", hint=f"installed: {', '.join(there) or 'none'}"
    )


def _name_of(source: Path) -> str:
    plain = source.name if source.is_dir() else source.stem
    return plain.lower().replace(" ", "-") or source.absolute().name


def _copy(source: Path, draft: Path) -> None:
    files = sorted(file for file in source.rglob("*") if not file.is_dir() or file.is_symlink())
    files = [
        file for file in files if not any(part.startswith(".") for part in file.relative_to(source).parts)
    ]
    _check_count(len(files), source)
    total, seen = 0, set[str]()
    for file in files:
        inner = file.relative_to(source).as_posix()
        if file.is_symlink():
            raise UsageError(f"This pack holds a link to another place: {inner}.", where=source)
        if not file.is_file():
            raise UsageError(f"This pack holds what is not a regular file: {inner}.", where=source)
        place = check_name(inner, source)
        check_once(inner, seen, source)
        total += file.stat().st_size
        check_size(inner, file.stat().st_size, total, source)
        (draft / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, draft / place)


def _unzip(source: Path, draft: Path) -> None:
    """Counts what comes out, not what the archive says will; a single folder around all is left out."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_count(len(entries), source)
            names = [entry.filename.replace("\\", "/") for entry in entries]
            around = _common_folder(names)
            total, seen = 0, set[str]()
            for entry, name in zip(entries, names, strict=True):
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise UsageError(f"This pack holds a link to another place: {name}.", where=source)
                check_name(name, source)
                check_once(name, seen, source)
                place = draft / check_name(name.removeprefix(around), source)
                place.parent.mkdir(parents=True, exist_ok=True)
                size = 0
                with archive.open(entry) as packed, place.open("wb") as out:
                    while piece := packed.read(CHUNK):
                        size, total = size + len(piece), total + len(piece)
                        check_size(name, size, total, source)
                        out.write(piece)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UsageError(f"This .zip file cannot be unpacked: {error}.", where=source) from error


def _common_folder(names: list[str]) -> str:
    first = {name.split("/", 1)[0] for name in names}
    inside = all("/" in name for name in names)
    return f"{next(iter(first))}/" if inside and len(first) == 1 and ".." not in first else ""


def _check_count(count: int, source: Path) -> None:
    if count > MOST_FILES:
        raise UsageError(f"This pack holds {count} files; {MOST_FILES} are the most.", where=source)


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A folder for a draft, on the same disk as its place and gone in the end."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".incoming-", dir=home))
    except OSError as error:
        raise OutputError(f"The folder of styles cannot be written: {error.strerror}.", where=home) from error
    try:
        yield draft
    except OSError as error:
        raise OutputError(f"The style cannot be installed: {error.strerror}.", where=home) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put(draft: Path, place: Path) -> None:
    """Moves the draft to its place; what lay there goes away only when the new one is in."""
    draft.chmod(0o755)
    old = draft.with_name(f"{draft.name}-old")
    if place.exists():
        place.replace(old)
    draft.replace(place)
    shutil.rmtree(old, ignore_errors=True)
