"""Style packs by name, by path, or several together."""

from __future__ import annotations

from pathlib import Path

from stylize.config.packs.folders import bundled_folder, installed_folder
from stylize.config.packs.pack import STYLE_FILE, StylePack, read_pack
from stylize.config.packs.stack import stack_styles
from stylize.errors import UsageError


def list_styles(folders: tuple[Path, ...] = ()) -> list[StylePack]:
    """All packs, by name: the bundled ones, the installed ones, and those in `folders`.

    Of several packs with the same name the one in the last folder counts.
    """
    packs: dict[str, StylePack] = {}
    for folder in (bundled_folder(), installed_folder(), *folders):
        for file in sorted(folder.glob(f"[!.]*/{STYLE_FILE}")):
            packs[file.parent.name] = read_pack(file)
    return [packs[name] for name in sorted(packs)]


def find_style(name: str, folders: tuple[Path, ...] = ()) -> StylePack:
    """The style with that name, or in that file or folder; several are written `ink+night:0.5`.

    Args:
        folders: where else to look; they come before the installed and the bundled styles, the last one first.

    Raises:
        UsageError: there is no such style, its file cannot be read, or the styles cannot be combined.
    """
    if is_style_path(name) or _file_of(name, folders) is not None:
        return _find_one(name, folders)
    parts = [_split_weight(word.strip()) for word in name.split("+")]
    return stack_styles([(_find_one(word, folders), weight) for word, weight in parts])


def _find_one(name: str, folders: tuple[Path, ...]) -> StylePack:
    if is_style_path(name):
        path = Path(name)
        file = path / STYLE_FILE if path.is_dir() else path
        if not file.is_file():
            raise UsageError("There is no style file here.", where=file, hint="see: stylize styles list")
        return read_pack(file)
    found = _file_of(name, folders)
    if found is None:
        known = ", ".join(pack.name for pack in list_styles(folders)) or "none"
        raise UsageError(
            f"There is no style called {name!r}.",
            hint=f"the styles here are: {known}; a path to a style.toml works too",
        )
    return read_pack(found)


def is_style_path(name: str, home: Path = Path()) -> bool:
    """Whether a name is a path from `home`: a style's file, or its folder. A folder that is merely called like a
    style, without a style's file in it, is none."""
    path = home / name
    if path.suffix == ".toml" or (path.is_dir() and Path(name).name != name):
        return True
    return bool(name) and (path / STYLE_FILE).is_file()


def _file_of(name: str, folders: tuple[Path, ...]) -> Path | None:
    files = (
        folder / name / STYLE_FILE for folder in (*reversed(folders), installed_folder(), bundled_folder())
    )
    return next((file for file in files if name and file.is_file()), None)


def _split_weight(word: str) -> tuple[str, float]:
    """The name and the weight of `ink:0.5`; a colon without a number after it is part of the name."""
    name, colon, tail = word.rpartition(":")
    try:
        weight = float(tail) if colon else 1.0
    except ValueError:
        return word, 1.0
    if not 0 <= weight <= 2:
        raise UsageError(f"A style's weight lies between 0 and 2, not at {tail}.", where="--style")
    return (name if colon else word), weight
