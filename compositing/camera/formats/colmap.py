"""COLMAP's text model: cameras.txt and images.txt in a folder. No unit, no rate; OpenCV's axes, world to camera.

Its world stands however the first pair fell: the first camera is put at the origin here, looking along -Z.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from compositing.camera.formats.options import FileOptions
from compositing.camera.record import CV_FROM_CAMERA, Camera
from compositing.camera.turns import from_quaternion, quaternion
from compositing.errors import UnreadableFile
from compositing.limits import read_text

LENSES = {
    "SIMPLE_PINHOLE": ("f", "cx", "cy"),
    "PINHOLE": ("fx", "fy", "cx", "cy"),
    "SIMPLE_RADIAL": ("f", "cx", "cy", "k1"),
    "RADIAL": ("f", "cx", "cy", "k1", "k2"),
    "OPENCV": ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2"),
    "FULL_OPENCV": ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"),
}


def read(path: Path, options: FileOptions) -> Camera:
    """Reads a model; its images in the order of their names are the frames.

    Raises:
        UnreadableFile: a file is missing, or the lens is of a kind that is not known here.
    """
    folder = path if path.is_dir() else path.parent
    try:
        lenses = {words[0]: words for words in _lines(folder / "cameras.txt")}
        rows = _lines(folder / "images.txt", every=2)
    except UnreadableFile as error:
        raise UnreadableFile(
            "The COLMAP model lacks cameras.txt or images.txt.", hint="export it as text"
        ) from error
    if not rows or not lenses:
        raise UnreadableFile("The COLMAP model holds no image.")
    rows.sort(key=lambda words: words[9])
    lens = lenses[rows[0][8]]
    names = LENSES.get(lens[1])
    if names is None:
        raise UnreadableFile(
            f"The lens model {lens[1]} is not known here.", hint=f"export one of {', '.join(LENSES)}"
        )
    own = (int(lens[2]), int(lens[3]))
    facts = dict(zip(names, map(float, lens[4:]), strict=True))
    poses = np.array([[float(word) for word in words[1:8]] for words in rows])
    if any(facts.get(name) for name in ("k4", "k5", "k6")):
        raise UnreadableFile(
            "The lens has a rational distortion, which is not known here.", hint="export OPENCV"
        )
    turn = from_quaternion(poses[:, 0], poses[:, 1:4])
    world = np.tile(np.eye(4), (len(poses), 1, 1))
    world[:, :3, :3] = turn.transpose(0, 2, 1) @ CV_FROM_CAMERA
    world[:, :3, 3] = -np.einsum("kba,kb->ka", turn, poses[:, 4:])
    world = np.linalg.inv(world[0]) @ world
    size = options.picture(own)
    back = options.back(size)
    across, up = own[0] / back[0], own[1] / back[1]
    shift = ((facts["cx"] - own[0] / 2) / across, -(facts["cy"] - own[1] / 2) / up)
    focal = facts.get("f", facts.get("fx", 0.0)) / across
    distortion = tuple(facts.get(name, 0.0) for name in ("k1", "k2", "p1", "p2", "k3"))
    digits = "".join(letter for letter in Path(rows[0][9]).stem if letter.isdigit())
    return Camera(
        options.world(world, 1.0, "y"),
        np.full(len(world), focal),
        back,
        size,
        options.rate(Fraction(24)),
        int(digits) if digits else 0,
        shift,
        distortion,
    )


def _lines(path: Path, every: int = 1) -> list[list[str]]:
    """The lines of a file as words, comments left out; of images.txt every second one holds points."""
    text = read_text(path).splitlines()
    lines = [line for line in text if not line.startswith("#")]
    return [line.split() for line in lines[::every] if line.strip()]


def write(camera: Camera, path: Path) -> None:
    """Writes a model without points into a folder, with the first frame's lens (COLMAP knows no zoom)."""
    path.mkdir(parents=True, exist_ok=True)
    view = camera.view(0)
    lens = [*view.matrix.diagonal()[:2], *(view.matrix[:2, 2] + 0.5), *camera.distortion, 0.0, 0.0, 0.0]
    numbers = " ".join(f"{value:.12g}" for value in lens)
    width, height = camera.size
    (path / "cameras.txt").write_text(f"1 FULL_OPENCV {width} {height} {numbers}\n", encoding="utf-8")
    lines = []
    for number in range(len(camera)):
        seen = camera.view(number)
        real, rest = quaternion(seen.rotation)
        values = [float(real), *rest, *(-seen.rotation @ seen.position)]
        words = " ".join(f"{value:.12g}" for value in values)
        lines.append(f"{number + 1} {words} 1 {camera.first_frame + number:06d}.png\n")
    (path / "images.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (path / "points3D.txt").write_text("", encoding="utf-8")
