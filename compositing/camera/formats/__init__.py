"""Camera files in and out, by their suffix."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from compositing.camera.record import Camera

UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}


def read_camera(
    path: Path,
    *,
    size: tuple[int, int] | None = None,
    fps: Fraction | None = None,
    unit: str | None = None,
    up: str | None = None,
    film_back_mm: tuple[float, float] | None = None,
) -> Camera:
    from compositing.camera.formats.record import read_record

    return read_record(path)
