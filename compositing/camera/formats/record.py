"""Our own camera file: the record as JSON, every number with its unit in its name."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from compositing.camera.record import Camera
from compositing.errors import BROKEN, UnreadableFile
from compositing.limits import read_text

KIND = "compositing camera"


def write_record(camera: Camera, path: Path) -> None:
    """Writes a camera without loss."""
    path.write_text(json.dumps(as_record(camera), indent=1) + "\n", encoding="utf-8")


def read_record(path: Path) -> Camera:
    """Reads what `write_record` wrote.

    Raises:
        UnreadableFile: the file is no such record.
    """
    try:
        return from_record(json.loads(read_text(path)))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"The camera file is not JSON: {error}.") from error


def is_record(path: Path) -> bool:
    """Whether a JSON file is one of ours, by its beginning."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return f'"{KIND}"' in file.read(200)


def as_record(camera: Camera) -> dict[str, Any]:
    return {
        "kind": KIND,
        "version": 1,
        "name": camera.name,
        "axes": "right-handed, Y up, the camera looks along -Z",
        "fps": str(camera.fps),
        "first_frame": camera.first_frame,
        "size_px": list(camera.size),
        "film_back_mm": list(camera.film_back_mm),
        "shift_mm": list(camera.shift_mm),
        "distortion_k1_k2_p1_p2_k3": list(camera.distortion),
        "focal_mm": camera.focal_mm.tolist(),
        "camera_to_world_m": camera.world.tolist(),
    }


def from_record(record: Any) -> Camera:
    """The inverse of `as_record`.

    Raises:
        UnreadableFile: something is missing or is not what it should be.
        InvalidCamera: its numbers cannot be a camera's.
    """
    if not isinstance(record, dict) or record.get("kind") != KIND:
        raise UnreadableFile("The camera file holds no camera record.")
    try:
        return Camera(
            np.array(record["camera_to_world_m"], np.float64),
            np.array(record["focal_mm"], np.float64),
            tuple(record["film_back_mm"]),
            tuple(record["size_px"]),
            _rate(record["fps"]),
            int(record["first_frame"]),
            tuple(record["shift_mm"]),
            tuple(record["distortion_k1_k2_p1_p2_k3"]),
            record.get("name", "camera"),
        )
    except KeyError as error:
        raise UnreadableFile(f"The camera record lacks {error}.") from error
    except BROKEN as error:
        raise UnreadableFile(f"The camera record holds something that is no camera: {error}.") from error


def _rate(text: Any) -> Fraction:
    """A rate as it is written here, `24` or `24000/1001`; a power of ten would be counted out."""
    if not re.fullmatch(r"\d{1,12}(/\d{1,12})?", str(text), re.ASCII):
        raise ValueError(f"{str(text)[:40]!r} is no rate")
    return Fraction(str(text))
