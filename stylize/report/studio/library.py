"""Projects on the disk: a project is a folder of clips, and of what was made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stylize.errors import UsageError

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
KINDS = {
    "clips": (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf"),
    "films": (".mp4", ".mov", ".html", ".json", ".png"),
    "looks": (".png",),
    "backdrops": PICTURES,
    "scenes": (".toml",),
}
"""The folders of a project, and the names of the files that lie in them."""
LONGEST_NAME = 80
_STRANGE = re.compile(r"[^\w .()+-]+")


def safe_name(text: str) -> str:
    """A file's name without folders and without characters that mean something to a shell or a page.

    Raises:
        UsageError: nothing is left of it.
    """
    last = re.split(r"[/\\]", text)[-1]
    stem, dot, suffix = _STRANGE.sub("_", last).strip(" .-").rpartition(".")
    name = f"{stem[:LONGEST_NAME]}{dot}{suffix[:8]}" if dot else suffix[:LONGEST_NAME]
    name = name.strip(" .-")
    if not re.search(r"\w", name.replace("_", "")):
        raise UsageError(f"{text[:60]!r} is no name for a file.", hint="use letters and digits")
    return name


@dataclass(frozen=True)
class Project:
    """One project's folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def place(self, kind: str) -> Path:
        """The folder of a kind of files, made if it is not there."""
        path = self.folder / kind
        path.mkdir(parents=True, exist_ok=True)
        return path

    def files(self, kind: str) -> list[Path]:
        """The files of a kind, by name; nothing is made to look for them."""
        return sorted(
            file
            for file in self._inside(kind)
            if file.suffix.lower() in KINDS[kind] and not file.name.startswith(".") and file.is_file()
        )

    def file(self, kind: str, name: str) -> Path:
        """A file of a kind.

        Raises:
            UsageError: there is none of that name in the folder itself.
        """
        found = (
            next((file for file in self.files(kind) if file.name == name), None) if kind in KINDS else None
        )
        if found is None or found.is_symlink():
            raise UsageError(f"There is no file {name[:80]!r} in {self.name}.")
        return found

    def drawing_sets(self) -> list[Path]:
        """The folders of drawings to learn from."""
        return sorted(path for path in self._inside("drawings") if path.is_dir())

    def _inside(self, kind: str) -> list[Path]:
        not_ours = (FileNotFoundError, NotADirectoryError, PermissionError)
        try:
            return list((self.folder / kind).iterdir())
        except not_ours:  # somebody else's folder, or a new project
            return []

    def take(self, temporary: Path, kind: str, name: str) -> Path:
        """Gives a finished file its name, or the next free one: `clip.mp4`, `clip 2.mp4`. None is replaced.

        Raises:
            OSError: the folder cannot be written.
        """
        wanted = self.place(kind) / name
        for path in _numbered(wanted):
            try:
                _rename(temporary, path)
            except FileExistsError:
                continue
            return path
        raise AssertionError("numbers have no end")


def _rename(file: Path, path: Path) -> None:
    """Gives a file another name in its folder's disk.

    Raises:
        FileExistsError: the name is taken.
    """
    try:
        os.link(file, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links, as memory cards are: the name is taken first, and then filled
        path.open("xb").close()
        try:
            file.replace(path)
        except OSError:
            path.unlink()
            raise
    else:
        file.unlink()


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1


@dataclass(frozen=True)
class Library:
    """The folder in which all projects lie."""

    root: Path

    def projects(self) -> list[Project]:
        """By name."""
        folders = sorted(self.root.iterdir()) if self.root.is_dir() else []
        return [
            Project(path)
            for path in folders
            if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        ]

    def project(self, name: str) -> Project:
        """The project of that name.

        Raises:
            UsageError: there is none.
        """
        found = next((each for each in self.projects() if each.name == name), None)
        if found is None:
            raise UsageError(f"There is no project {name[:80]!r}.")
        return found

    def create(self, name: str) -> Project:
        """Makes a project.

        Raises:
            UsageError: it is there, or the name cannot be a folder's.
        """
        folder = self.root / safe_name(name)
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            raise UsageError(f"There is a project {folder.name!r} already.") from error
        return Project(folder)
