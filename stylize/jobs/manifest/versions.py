"""What decides pixels on a machine, and the refusal to work beside another version of it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import stylize
from stylize.diffusion.conditions.names import ANNOTATORS
from stylize.errors import VersionMismatch
from stylize.generators.enlarging import EDGES
from stylize.system.dependencies import version_of

EVERYWHERE = ("numpy", "opencv-python-headless")
TORCH = ("torch", "diffusers", "transformers")
ENGINES = ("openvino", "onnxruntime")
DRAWING = (*TORCH, *EVERYWHERE, *ENGINES)
"""Packages whose versions decide pixels, those of a runtime only where it draws."""


def versions() -> dict[str, str]:
    """The versions of the program, of its very code, and of the packages that draw."""
    return {
        **{name: version_of(name) for name in DRAWING},
        "stylize": stylize.__version__,
        "code": code_digest(),
    }


def packages_of(job: dict[str, Any], theirs: dict[str, str]) -> frozenset[str]:
    """The packages that decide the pixels of a job, by its record; where that does not say, all of them.

    Args:
        theirs: the versions of the machine that planned the job.
    """
    names = set(EVERYWHERE)
    try:
        specs = [segment["spec"] for segment in job["segments"]]
        for spec in [each for each in specs if each["kind"] == "drawing"]:
            names |= _packages_of_config(spec["config"])
            if spec["key_model"] is not None:
                names |= _packages_of_config(spec["key_model"]["config"])
            if spec["keys"] is not None and spec["open_parts"] == "learn":
                names.add("torch")
            if spec["config"]["enlarge"] != EDGES:
                # The network is run by OpenVINO where that is installed, else by ONNX Runtime.
                names |= {"openvino"} if theirs.get("openvino", "none") != "none" else set(ENGINES)
    except (KeyError, TypeError):
        return frozenset(DRAWING)
    return frozenset(names)


def _packages_of_config(config: dict[str, Any]) -> set[str]:
    annotated = any(control["condition"] in ANNOTATORS for control in config["controls"])
    names = set(TORCH) if config["runtime"] == "torch" or annotated else set()
    if config["runtime"] != "torch":
        names.add("openvino" if config["device"] == "openvino" else "onnxruntime")
    return names


def check_versions(theirs: dict[str, str], packages: frozenset[str] = frozenset(DRAWING)) -> None:
    """Refuses to work beside another version: its frames would not be the same.

    Args:
        packages: those that decide the job's pixels.

    Raises:
        VersionMismatch: says which part differs, and how.
    """
    for name, here in versions().items():
        if name in DRAWING and name not in packages:
            continue
        if here != theirs.get(name):
            what = "stylize's own code" if name == "code" else name
            differ = "" if here == "none" else ": their frames would differ"
            raise VersionMismatch(
                f"The job was planned with {what} {theirs.get(name)}, and this machine has {here}{differ}.",
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
