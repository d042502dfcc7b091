"""What a pack may hold. Nothing in it can run, nothing reaches out of its folder, and nothing is without bounds."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path, PurePosixPath

from stylize.config.packs.check_live import check_live_folder, is_of_live_model
from stylize.config.packs.pack import StylePack, read_pack
from stylize.errors import UsageError

PLAIN = (".toml", ".safetensors", ".jpg", ".jpeg", ".png", ".webp", ".txt", ".md")
UNSUFFIXED = ("LICENSE", "LICENCE", "README", "NOTICE")
PICKLED = (".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle", ".joblib", ".npy", ".npz")
MOST_FILES = 64
MOST_BYTES = 1 << 30
MOST_SMALL_BYTES = 32 << 20
"""Of any file that is no LoRA."""
MOST_HEADER_BYTES = 100 << 20
PICKLE_MARKS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
"""How pickles begin, and the archives that torch puts them in."""


def check_name(name: str, where: Path) -> PurePosixPath:
    """A file's place inside a pack.

    Raises:
        UsageError: it climbs out of the pack, or is of a kind that packs do not hold.
    """
    place = PurePosixPath(name.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in name or not place.parts or "\0" in name:
        raise UsageError(f"This pack would write outside its own folder: {name!r}.", where=where)
    suffix = place.suffix.lower()
    if suffix in PICKLED:
        raise UsageError(
            f"This pack holds a file that can run code when it is opened: {name}.",
            where=where,
            hint="LoRAs are kept as .safetensors; convert it, or ask its author to",
        )
    if suffix not in PLAIN and place.name not in UNSUFFIXED and not is_of_live_model(place):
        raise UsageError(
            f"A style pack does not hold such a file: {name}.", where=where, hint=f"known: {', '.join(PLAIN)}"
        )
    return place


def check_once(name: str, seen: set[str], where: Path) -> None:
    """Notes a file's name among those seen.

    Raises:
        UsageError: it was there before, or differs from one by upper and lower case alone: which of the two a
            system keeps is chance, and what was checked may be the other.
    """
    folded = unicodedata.normalize("NFC", name.replace("\\", "/")).casefold()
    if folded in seen:
        raise UsageError(f"This pack holds two files of one name: {name}.", where=where)
    seen.add(folded)


def check_size(name: str, size: int, total: int, where: Path) -> None:
    """Raises UsageError: a file, or all of them together, are larger than packs are."""
    limit = MOST_BYTES if name.lower().endswith(".safetensors") else MOST_SMALL_BYTES
    if size > limit or total > MOST_BYTES:
        raise UsageError(
            f"This pack is too large: {name} and what comes before it take {max(size, total) >> 20} MiB.",
            where=where,
            hint=f"a pack has at most {MOST_BYTES >> 20} MiB, and {MOST_SMALL_BYTES >> 20} MiB a picture or text",
        )


def check_pack(folder: Path, where: Path) -> StylePack:
    """A pack's contents, once they lie in a folder of their own.

    Args:
        where: what the user gave, for the errors.

    Raises:
        UsageError: a style.toml that says nothing or reaches out, or files that are not what their names say.
    """
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            check_contents(file, file.relative_to(folder).as_posix(), where)
    if not (folder / "style.toml").is_file():
        raise UsageError("This is no style pack: it has no style.toml.", where=where)
    check_live_folder(folder, where)
    pack = read_pack(folder / "style.toml")
    named = [("LoRA", lora.file) for lora in pack.style.loras]
    named += [("embedding", file) for file in pack.style.embeddings]
    for noun, name in [*named, ("cover", pack.style.cover)]:
        if name and not _inside(folder, name):
            raise UsageError(
                f"The style names a {noun} that is not in its pack: {name!r}.",
                where=where,
                hint="a pack brings its own files, named from its folder",
            )
    return pack


def check_contents(file: Path, name: str, where: Path) -> None:
    """Raises UsageError: the file is a pickle under another name, or a .safetensors that is none."""
    with file.open("rb") as opened:
        head = opened.read(16)
    if head.startswith(PICKLE_MARKS):
        raise UsageError(
            f"This pack holds a pickle under another name: {name}; it can run code when it is opened.",
            where=where,
        )
    if file.suffix.lower() == ".safetensors":
        _check_tensors(file, name, where)


def _check_tensors(file: Path, name: str, where: Path) -> None:
    """Reads the header alone. Source: the safetensors format, an 8-byte length and that much JSON."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if size < 8 or not 0 < length <= min(size - 8, MOST_HEADER_BYTES):
            raise UsageError(f"This file is no .safetensors file: {name}.", where=where)
        try:
            header = json.loads(opened.read(length))
            tensors = [entry for key, entry in header.items() if key != "__metadata__"]
            ends = [int(entry["data_offsets"][1]) for entry in tensors]
        except (ValueError, RecursionError, AttributeError, LookupError, TypeError) as error:
            raise UsageError(f"This file is no .safetensors file: {name}.", where=where) from error
    if not ends or max(ends) != size - 8 - length:
        raise UsageError(f"This .safetensors file is cut off or damaged: {name}.", where=where)


def _inside(folder: Path, name: str) -> bool:
    file = (folder / name).resolve()
    return file.is_file() and folder.resolve() in file.parents
