"""The packages that the program and its extras are made of: which are installed, which are not, how to get them."""

from __future__ import annotations

import importlib
import importlib.metadata as metadata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion

DISTRIBUTION = "stylize"
OPENCV_WHEELS = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
"""Four builds of one library. Each puts its files in the same folder, so that two of them damage each other."""


@dataclass(frozen=True)
class Package:
    """A package: what is asked for, the version that is installed (None: it is not), and what is wrong with it."""

    name: str
    needs: str
    version: str | None
    fault: str | None

    @property
    def is_fine(self) -> bool:
        return self.fault is None


@dataclass(frozen=True)
class Extra:
    """A group of packages: `""` stands for those that every run needs. `install` is the command to get them."""

    name: str
    packages: tuple[Package, ...]
    install: str

    @property
    def is_whole(self) -> bool:
        return all(package.is_fine for package in self.packages)


def install_hint(*extras: str) -> str:
    """The command to paste to install extras; without a name, the packages that every run needs.

    In a checkout of the project that is its own script, which keeps to the lock file and leaves what is installed
    in place; the script's path is absolute unless the checkout is the current folder. Elsewhere it is pip's.
    """
    checkout = _checkout()
    script = checkout / "scripts" / "install"
    if script.is_file() and (checkout / "uv.lock").is_file():
        shown = script.relative_to(checkout) if Path.cwd() == checkout else script
        return " ".join([str(shown), *extras])
    return f"pip install '{DISTRIBUTION}[{','.join(extras)}]'" if extras else f"pip install {DISTRIBUTION}"


def opencv_repair_hint(wheels: list[str]) -> str:
    """How to get from several installed OpenCV wheels to one whole one."""
    if install_hint().startswith("pip"):
        return f"pip uninstall {' '.join(wheels)}, then: pip install opencv-python-headless"
    return f"remove {_checkout() / '.venv'}, then: {install_hint()}"


def read_extras() -> list[Extra]:
    """The program's own packages under the name `""`, then every extra, by what the package's metadata asks.

    Raises:
        importlib.metadata.PackageNotFoundError: the program runs from a folder and was never installed.
    """
    facts = metadata.metadata(DISTRIBUTION)
    asked = [Requirement(line) for line in metadata.requires(DISTRIBUTION) or []]
    extras = []
    for name in ["", *sorted(facts.get_all("Provides-Extra") or [])]:
        packages = tuple(read_package(each) for each in asked if _belongs(each, name))
        extras.append(Extra(name, packages, install_hint(*filter(None, [name]))))
    return extras


def _belongs(requirement: Requirement, extra: str) -> bool:
    """Whether the extra asks for it and the program itself does not."""
    marker = requirement.marker
    if marker is None or marker.evaluate({"extra": ""}):
        return extra == ""
    return extra != "" and marker.evaluate({"extra": extra})


def read_package(requirement: Requirement) -> Package:
    """What is installed of one package, by its metadata; it is not imported."""
    asked = f"{requirement.name}{requirement.specifier}"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Package(requirement.name, asked, None, "not installed")
    try:
        fits = requirement.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return Package(requirement.name, asked, version, "its version cannot be read")
    return Package(requirement.name, asked, version, None if fits else f"{requirement.specifier} is needed")


@cache
def version_of(package: str) -> str:
    """The version of an installed package, "none" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


def opencv_wheels() -> list[str]:
    """The OpenCV wheels that are installed; there should be one."""
    return [name for name in OPENCV_WHEELS if _is_installed(name)]


def import_fault(module: str) -> str | None:
    """Why a module cannot be imported, in a line; None where it can."""
    try:
        importlib.import_module(module)
    except Exception as error:  # a broken wheel raises anything, and this function is there to report it
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
    """The folder that holds the package `stylize`: the project's own where it runs from a checkout."""
    return Path(__file__).resolve().parents[2]
