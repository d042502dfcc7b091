"""Nuke's and Boujou's .chan: one line a frame, FRAME TX TY TZ RX RY RZ [VFOV], degrees, Y up; no unit, no back.

Turns are in Nuke's order for cameras: about Z, then X, then Y (matrix Z X Y).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from compositing.camera.formats.options import FileOptions
from compositing.camera.record import Camera
from compositing.camera.turns import angles_zxy, from_angles_zxy
from compositing.errors import UnreadableFile
from compositing.limits import read_text


def read(path: Path, options: FileOptions) -> Camera:
    """Reads a .chan file; without a field of view in it, 35 mm on the film back.

    Raises:
        UnreadableFile: a line is no such line, or a frame is missing.
    """
    rows: list[list[float]] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            row = [float(word) for word in words]
        except ValueError as error:
            raise UnreadableFile(
                f"Line {number} of the .chan file holds something that is no number."
            ) from error
        if len(row) not in (7, 8) or not np.isfinite(row).all():
            raise UnreadableFile(
                f"Line {number} of the .chan file has {len(row)} numbers.",
                hint="a line is FRAME TX TY TZ RX RY RZ [VFOV]",
            )
        rows.append(row)
    if not rows or len({len(row) for row in rows}) != 1:
        raise UnreadableFile("The .chan file is empty, or its lines differ in length.")
    table = np.array(rows)
    numbers = table[:, 0].astype(int)
    if (np.diff(numbers) != 1).any():
        at = int(np.flatnonzero(np.diff(numbers) != 1)[0])
        raise UnreadableFile(
            f"After frame {numbers[at]} the .chan file goes on with frame {numbers[at + 1]}.",
            hint="export every frame",
        )
    size = options.picture()
    back = options.back(size)
    world = np.tile(np.eye(4), (len(table), 1, 1))
    world[:, :3, :3] = from_angles_zxy(table[:, 4:7])
    world[:, :3, 3] = table[:, 1:4]
    focal = np.full(len(table), 35.0)
    if table.shape[1] == 8:
        if (table[:, 7] <= 0).any() or (table[:, 7] >= 180).any():
            raise UnreadableFile("The .chan file's field of view must lie between 0 and 180 degrees.")
        focal = back[1] / (2 * np.tan(np.deg2rad(table[:, 7]) / 2))
    return Camera(options.world(world, 1.0, "y"), focal, back, size, options.rate(), int(numbers[0]))


def write(camera: Camera, path: Path) -> None:
    """Writes a .chan file in metres; film back, shift and distortion have no place in it."""
    angles = angles_zxy(camera.world[:, :3, :3])
    fields = np.rad2deg(2 * np.arctan(camera.film_back_mm[1] / (2 * camera.focal_mm)))
    lines = []
    for number in range(len(camera)):
        values = [*camera.world[number, :3, 3], *angles[number], fields[number]]
        lines.append(" ".join([str(camera.first_frame + number), *(f"{value:.9g}" for value in values)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
