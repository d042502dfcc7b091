"""What decides pixels on a machine, and the refusal to work beside another version of it."""

from __future__ import annotations

import hashlib
import importlib.metadata as metadata
from functools import cache
from pathlib import Path

import stylize
from stylize.errors import VersionMismatch

DRAWING = ("torch", "diffusers", "transformers", "numpy", "opencv-python-headless")
"""Packages whose versions decide pixels."""


def versions() -> dict[str, str]:
    """The versions of the program, of its very code, and of the packages that draw."""
    return {
        **{name: _version(name) for name in DRAWING},
        "stylize": stylize.__version__,
        "code": code_digest(),
    }


def check_versions(theirs: dict[str, str]) -> None:
    """Refuses to work beside another version: its frames would not be the same.

    Raises:
        VersionMismatch: says which part differs, and how.
    """
    for name, here in versions().items():
        if here != theirs.get(name):
            what = "stylize's own code" if name == "code" else name
            raise VersionMismatch(
                f"The job was planned with {what} {theirs.get(name)}, and this machine has {here}: "
                "their frames would differ.",
                hint="install the same version on every machine, from one lock file or one image",
            )


@cache
def code_digest() -> str:
    """Stands for the program's own source: versions under work bear one number."""
    root = Path(stylize.__file__).parent
    digest = hashlib.sha256()
    for folder in (root, root.parent / "deflicker", root.parent / "compositing"):
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(root.parent).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"
