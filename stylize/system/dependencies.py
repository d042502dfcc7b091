"""The packages that the program and its extras are made of: which are here, which are not, how to get them."""

from __future__ import annotations

import importlib
import importlib.metadata as metadata
import importlib.util
import shlex
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

DISTRIBUTION = "stylize"
OPENCV_WHEELS = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
"""Flavours of one library: every one of them installs the same files."""


@dataclass(frozen=True)
class Part:
    """A package: what is asked for, the version that is here (None: it is not), and what is wrong with it."""

    name: str
    needs: str
    version: str | None
    fault: str | None

    @property
    def is_fine(self) -> bool:
        return self.fault is None


@dataclass(frozen=True)
class Extra:
    """A group of packages: `""` stands for those that every run needs."""

    name: str
    parts: tuple[Part, ...]
    install: str
    """The command that makes it whole."""

    @property
    def is_whole(self) -> bool:
        return all(part.is_fine for part in self.parts)


def read_extras() -> list[Extra]:
    """The program's own parts under the name `""`, then every extra, by what the package's metadata asks.

    Raises:
        importlib.metadata.PackageNotFoundError: the program runs from a folder and was never installed.
    """
    facts = metadata.metadata(DISTRIBUTION)
    asked = [Requirement(line) for line in metadata.requires(DISTRIBUTION) or []]
    extras = []
    for name in ["", *sorted(facts.get_all("Provides-Extra") or [])]:
        mine = [each for each in asked if _belongs(each, name)]
        parts = tuple(read_part(each) for each in mine)
        extras.append(Extra(name, parts, install_command(name, parts)))
    return extras


def _belongs(requirement: Requirement, extra: str) -> bool:
    """Whether the extra asks for it and the program itself does not."""
    marker = requirement.marker
    if marker is None or marker.evaluate({"extra": ""}):
        return extra == ""
    return extra != "" and marker.evaluate({"extra": extra})


def read_part(requirement: Requirement) -> Part:
    """What is here of one package, by its metadata; it is not imported."""
    asked = f"{requirement.name}{requirement.specifier}"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Part(requirement.name, asked, None, "not installed")
    try:
        fits = requirement.specifier.contains(version, prereleases=True)
    except (InvalidVersion, InvalidRequirement):
        return Part(requirement.name, asked, version, "its version cannot be read")
    return Part(requirement.name, asked, version, None if fits else f"{requirement.specifier} is needed")


def install_command(extra: str, parts: tuple[Part, ...] = ()) -> str:
    """What to type to get an extra's missing parts (`""`: the program's own).

    In a checkout with a lock file that is uv's sync, which leaves the other extras alone; elsewhere the
    packages themselves, with the installer that is here.
    """
    if (_checkout() / "uv.lock").is_file():
        return "uv sync --inexact" + (f" --extra {extra}" if extra else "")
    wanted = [part.needs for part in parts if not part.is_fine]
    pip = "python -m pip" if importlib.util.find_spec("pip") else "uv pip"
    return f"{pip} install " + " ".join(map(shlex.quote, wanted)) if wanted else ""


def opencv_wheels() -> list[str]:
    """The OpenCV wheels that are installed; more than one overwrite each other's files."""
    return [name for name in OPENCV_WHEELS if _is_installed(name)]


def import_fault(module: str) -> str | None:
    """Why a module cannot be imported, in a line; None where it can."""
    try:
        importlib.import_module(module)
    except Exception as error:  # a broken wheel raises anything; this is where it is told
        first_line = (str(error).strip().splitlines() or [""])[0]
        return f"{type(error).__name__}: {first_line}"
    return None


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _checkout() -> Path:
    return Path(__file__).resolve().parents[2]
