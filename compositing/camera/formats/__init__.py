"""Camera files in and out, by their suffix.

    .json          our own record, or an OpenTrackIO sample stream
    .chan          Nuke, Boujou, 3D-Equalizer: FRAME TX TY TZ RX RY RZ [VFOV]
    .usd .usda .usdc   a UsdGeomCamera with its motion
    .gltf .glb     a perspective camera with its motion
    a folder, .txt COLMAP's text model: cameras.txt and images.txt

Every reader ends in one record: metres, Y up, millimetres, pixels. Files that name no unit are asked for one when
what they say cannot be metres.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from compositing.camera.formats.options import FileOptions
from compositing.camera.record import Camera
from compositing.errors import BROKEN, InvalidCamera, InvalidSetting, UnreadableFile

UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}
SUFFIXES = (".json", ".chan", ".usd", ".usda", ".usdc", ".gltf", ".glb", ".txt")
FASTEST_M_S = 60.0
"""A camera on a set moves no faster than this; a file that says so is in another unit."""
WIDEST_DEG, NARROWEST_DEG = 150.0, 0.7


def is_camera_file(path: Path) -> bool:
    """Whether a path names a camera file, by its suffix (or a folder with a COLMAP model)."""
    return path.suffix.lower() in SUFFIXES or (path / "images.txt").is_file()


def read_camera(
    path: Path,
    *,
    size: tuple[int, int] | None = None,
    fps: Fraction | None = None,
    unit: str | None = None,
    up: str | None = None,
    film_back_mm: tuple[float, float] | None = None,
) -> Camera:
    """Reads a camera file.

    Args:
        path: see above.
        size: of the picture, px: for files that do not say it.
        fps: likewise.
        unit: of the file's lengths: m, cm, mm, in or ft; by default what the file or its format says.
        up: the file's upward axis, y or z; likewise.
        film_back_mm: of the lens, for files that do not say it (.chan); by default a full frame's.

    Raises:
        UnreadableFile: the file is broken, or says nothing about a camera.
        InvalidCamera: it is plainly in another unit, or its numbers cannot be a camera's.
        InvalidSetting: there is no such unit, axis or kind of file.
        MissingPackage: a package is missing that reads this format.
    """
    if unit is not None and unit not in UNITS_M:
        raise InvalidSetting(f"There is no unit {unit!r}.", hint=f"choose one of {', '.join(UNITS_M)}")
    if up not in (None, "y", "z"):
        raise InvalidSetting(f"The upward axis is y or z, not {up!r}.")
    options = FileOptions(size, fps, UNITS_M[unit] if unit else None, up, film_back_mm)
    read = _reader(path)
    try:
        if not (path.is_file() or path.is_dir()):
            raise UnreadableFile("There is no such camera file.")
        camera = read(path, options)
    except BROKEN as error:
        raise UnreadableFile(f"The camera file is broken ({type(error).__name__}: {error}).") from error
    _check(camera, unit)
    return camera


def write_camera(camera: Camera, path: Path) -> None:
    """Writes a camera file of the kind that its name says; COLMAP's model goes into a folder (no suffix).

    Raises:
        InvalidSetting: there is no such kind.
        MissingPackage: a package is missing that writes it.
    """
    _writer(path)(camera, path)


def check_camera_name(path: Path) -> None:
    """Raises InvalidSetting: no kind of camera file that can be written has such a name."""
    _writer(path)


def _reader(path: Path) -> Callable[[Path, FileOptions], Camera]:
    from compositing.camera.formats import chan, colmap, gltf, opentrackio, record, usd

    match path.suffix.lower():
        case ".json":
            return lambda file, options: (
                record.read_record(file) if record.is_record(file) else opentrackio.read(file, options)
            )
        case ".chan":
            return chan.read
        case ".usd" | ".usda" | ".usdc":
            return usd.read
        case ".gltf" | ".glb":
            return gltf.read
        case ".txt" | "":
            return colmap.read
    raise _no_such_kind(path)


def _writer(path: Path) -> Callable[[Camera, Path], None]:
    from compositing.camera.formats import chan, colmap, gltf, opentrackio, record, usd

    match path.suffix.lower():
        case ".json":
            return opentrackio.write if path.name.endswith(".track.json") else record.write_record
        case ".chan":
            return chan.write
        case ".usd" | ".usda" | ".usdc":
            return usd.write
        case ".gltf" | ".glb":
            return gltf.write
        case "":
            return colmap.write
    raise _no_such_kind(path)


def _no_such_kind(path: Path) -> InvalidSetting:
    return InvalidSetting(
        f"A camera file is not named {path.suffix}.", hint=f"it ends in {', '.join(SUFFIXES)}"
    )


def _check(camera: Camera, unit: str | None) -> None:
    """Refuses what cannot be meant: a camera as fast as a shell, or a lens of a degree."""
    place = camera.world[:, :3, 3]
    speed = np.linalg.norm(np.diff(place, axis=0), axis=1).max(initial=0.0) * float(camera.fps)
    if speed > FASTEST_M_S:
        raise InvalidCamera(
            f"The camera moves at {speed:.0f} m/s.",
            hint=f"the file is in another unit than {unit or 'metres'}; name it, such as cm or mm",
        )
    field = camera.field_deg[0]
    if not NARROWEST_DEG < field < WIDEST_DEG:
        raise InvalidCamera(
            f"The lens sees {field:.1f} degrees across.",
            hint="focal length and film back are in different units; give the film back in millimetres",
        )
