"""The project's own set: a shrine path at dusk. `python -m examples.greenscreen.build_set OUT.glb` writes it.

Metres, Y up; the ground lies where the stage's floor does, and the path leads away from the camera along -Z.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compositing.gltf import write_glb
from examples.greenscreen.stage import FLOOR_Y

Points = NDArray[np.float64]
Colour = tuple[float, float, float]

STONE, SLAB, GRASS, EARTH = (0.30, 0.29, 0.30), (0.44, 0.42, 0.40), (0.13, 0.24, 0.08), (0.20, 0.15, 0.10)
VERMILION, DARK, WOOD, PAPER = (0.62, 0.10, 0.04), (0.04, 0.035, 0.045), (0.20, 0.11, 0.06), (1.0, 0.72, 0.36)
PINE, HILL, FAR_HILL, BARK = (0.045, 0.13, 0.07), (0.14, 0.24, 0.26), (0.30, 0.40, 0.50), (0.10, 0.07, 0.05)


@dataclass
class Builder:
    """Flat-shaded faces of one colour each; glowing ones are kept apart."""

    plain: list[tuple[Points, Colour]] = field(default_factory=list)
    glowing: list[tuple[Points, Colour]] = field(default_factory=list)
    lamps: list[Points] = field(default_factory=list)

    def face(self, corners: Points, colour: Colour, glow: bool = False) -> None:
        """A convex face, its corners counterclockwise from outside."""
        for k in range(1, len(corners) - 1):
            (self.glowing if glow else self.plain).append((corners[[0, k, k + 1]], colour))

    def box(self, low: Colour, high: Colour, colour: Colour, glow: bool = False, lean: float = 0.0) -> None:
        """An upright box; `lean` draws its upper end in, in parts of its width."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        dx, dz = lean * (x1 - x0) / 2, lean * (z1 - z0) / 2
        bottom = np.array([(x0, y0, z1), (x1, y0, z1), (x1, y0, z0), (x0, y0, z0)])
        top = np.array(
            [(x0 + dx, y1, z1 - dz), (x1 - dx, y1, z1 - dz), (x1 - dx, y1, z0 + dz), (x0 + dx, y1, z0 + dz)]
        )
        self.face(top, colour, glow)
        self.face(bottom[::-1], colour, glow)
        for k in range(4):
            n = (k + 1) % 4
            self.face(np.array([bottom[k], bottom[n], top[n], top[k]]), colour, glow)

    def round(
        self, foot: Points, radius: float, top: Points, radius_top: float, colour: Colour, sides: int = 10
    ) -> None:
        """A trunk, a pillar or a cone."""
        turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
        ring = np.stack([np.cos(turn), np.zeros(sides), -np.sin(turn)], 1)
        low, high = foot + radius * ring, top + radius_top * ring
        for k in range(sides):
            n = (k + 1) % sides
            corners = [low[k], low[n], high[n], high[k]] if radius_top > 0 else [low[k], low[n], top]
            self.face(np.array(corners), colour)


def shrine() -> Builder:
    """The whole set."""
    rng = np.random.default_rng(8)
    build = Builder()
    ground = FLOOR_Y
    build.face(
        np.array(
            [
                (-60, ground - 0.02, 8),
                (60, ground - 0.02, 8),
                (60, ground - 0.02, -90),
                (-60, ground - 0.02, -90.0),
            ]
        ),
        GRASS,
    )
    _path(build, rng, ground)
    for away in (9.0, 15.5):
        _gate(build, -away, ground, 1.0 if away < 10 else 1.08)
    for away in (5.6, 8.0, 11.5, 14.0, 18.0):
        for side in (-1, 1):
            _lantern(build, side * 2.15, -away, ground)
    _hall(build, -24.0, ground)
    _trees(build, rng, ground)
    _hills(build, rng, ground)
    return build


def _path(build: Builder, rng: np.random.Generator, ground: float) -> None:
    for row in range(34):
        z = 4.0 - row * 0.8
        for column in range(4):
            shade = rng.uniform(0.85, 1.12)
            x = -1.6 + 0.8 * column
            colour = tuple(float(shade * each) for each in (SLAB if column in (1, 2) else STONE))
            build.box(
                (x + 0.015, ground - 0.05, z - 0.785),
                (x + 0.785, ground + rng.uniform(0, 0.008), z),
                (colour[0], colour[1], colour[2]),
            )


def _gate(build: Builder, z: float, ground: float, size: float) -> None:
    half, height = 1.95 * size, 3.5 * size
    for side in (-1, 1):
        foot, top = (
            np.array([side * half * 1.06, ground, z]),
            np.array([side * half * 0.98, ground + height, z]),
        )
        build.round(foot, 0.17 * size, top, 0.14 * size, VERMILION, 12)
        build.round(foot, 0.21 * size, np.add(foot, (0, 0.42 * size, 0)), 0.20 * size, DARK, 12)
    y = ground + height
    build.box((-half * 1.18, y - 0.85 * size, z - 0.09), (half * 1.18, y - 0.60 * size, z + 0.09), VERMILION)
    build.box((-half * 1.40, y - 0.02, z - 0.15), (half * 1.40, y + 0.20 * size, z + 0.15), VERMILION)
    build.box((-half * 1.46, y + 0.20 * size, z - 0.20), (half * 1.46, y + 0.34 * size, z + 0.20), DARK)
    build.box((-0.20, y - 0.60 * size, z - 0.05), (0.20, y, z + 0.05), DARK)


def _lantern(build: Builder, x: float, z: float, ground: float) -> None:
    build.box((x - 0.24, ground, z - 0.24), (x + 0.24, ground + 0.16, z + 0.24), STONE, lean=0.15)
    build.round(np.array([x, ground + 0.16, z]), 0.10, np.array([x, ground + 0.80, z]), 0.09, STONE, 8)
    build.box((x - 0.20, ground + 0.80, z - 0.20), (x + 0.20, ground + 0.90, z + 0.20), STONE)
    build.box((x - 0.14, ground + 0.90, z - 0.14), (x + 0.14, ground + 1.18, z + 0.14), PAPER, glow=True)
    for dx in (-1, 1):
        for dz in (-1, 1):
            build.box(
                (x + 0.14 * dx - 0.03, ground + 0.90, z + 0.14 * dz - 0.03),
                (x + 0.14 * dx + 0.03, ground + 1.18, z + 0.14 * dz + 0.03),
                STONE,
            )
    build.box((x - 0.30, ground + 1.18, z - 0.30), (x + 0.30, ground + 1.42, z + 0.30), STONE, lean=0.75)
    build.lamps.append(np.array([x, ground + 1.04, z]))


def _hall(build: Builder, z: float, ground: float) -> None:
    build.box((-4.6, ground, z - 5), (4.6, ground + 0.7, z + 0.6), STONE)
    build.box((-3.8, ground + 0.7, z - 4.4), (3.8, ground + 3.2, z - 0.6), WOOD)
    for k in range(6):
        x = -3.6 + 1.44 * k
        build.round(np.array([x, ground + 0.7, z]), 0.14, np.array([x, ground + 3.3, z]), 0.14, VERMILION, 10)
    for k in range(5):
        x = -2.88 + 1.44 * k
        build.box(
            (x - 0.5, ground + 0.9, z - 0.62), (x + 0.5, ground + 2.7, z - 0.57), PAPER, glow=k in (1, 2, 3)
        )
    build.box((-5.4, ground + 3.2, z - 6), (5.4, ground + 3.45, z + 1.2), DARK)
    build.box((-5.6, ground + 3.45, z - 6.2), (5.6, ground + 5.4, z + 1.4), (0.10, 0.13, 0.17), lean=0.62)


def _trees(build: Builder, rng: np.random.Generator, ground: float) -> None:
    for _ in range(70):
        side = rng.choice([-1, 1])
        x, z = side * rng.uniform(4.2, 24), -rng.uniform(6, 46)
        if abs(x) < 7 and z < -18:
            continue
        height, shade = rng.uniform(4.5, 9.5), rng.uniform(0.75, 1.25)
        foot = np.array([x, ground, z])
        build.round(foot, 0.16, np.add(foot, (0, height * 0.6, 0)), 0.09, BARK, 7)
        colour = (PINE[0] * shade, PINE[1] * shade, PINE[2] * shade)
        for level in range(4):
            low = np.add(foot, (0, height * (0.22 + 0.19 * level), 0))
            build.round(
                low, height * (0.25 - 0.045 * level), np.add(low, (0, height * 0.34, 0)), 0.0, colour, 9
            )


def _hills(build: Builder, rng: np.random.Generator, ground: float) -> None:
    for z, top, colour in ((-85.0, 11.0, HILL), (-140.0, 26.0, FAR_HILL)):
        x = np.linspace(-190, 190, 60)
        wave = sum(np.sin(x * f / 60 + rng.uniform(0, 6)) / f for f in (1, 2.3, 4.1))
        y = ground + top * (0.62 + 0.34 * np.asarray(wave))
        for k in range(len(x) - 1):
            corners = [
                (x[k], ground - 1, z),
                (x[k + 1], ground - 1, z),
                (x[k + 1], y[k + 1], z),
                (x[k], y[k], z),
            ]
            build.face(np.array(corners), colour)


def write_set(path: Path) -> None:
    """Writes the set as one .glb."""
    build = shrine()
    arrays, meshes = [], []
    for number, faces in enumerate((build.plain, build.glowing)):
        points = np.concatenate([corners for corners, _ in faces])
        colours = np.repeat(np.array([colour for _, colour in faces]), 3, axis=0)
        arrays += [points.astype(np.float32), colours.astype(np.float32)]
        attributes = {"POSITION": 2 * number, "COLOR_0": 2 * number + 1}
        meshes.append({"primitives": [{"attributes": attributes, "material": number}]})
    lamps = [{"type": "point", "color": [1.0, 0.62, 0.28], "intensity": 140.0}] if build.lamps else []
    nodes: list[dict[str, object]] = [{"mesh": 0, "name": "set"}, {"mesh": 1, "name": "lights"}]
    nodes += [
        {"translation": place.tolist(), "extensions": {"KHR_lights_punctual": {"light": 0}}}
        for place in sorted(build.lamps, key=lambda place: -place[2])[:8]
    ]
    table = {
        "extensionsUsed": ["KHR_lights_punctual"],
        "extensions": {"KHR_lights_punctual": {"lights": lamps}},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": [
            {"name": "paint", "doubleSided": True, "pbrMetallicRoughness": {"metallicFactor": 0}},
            {"name": "glow", "doubleSided": True, "emissiveFactor": [1.0, 0.62, 0.26]},
        ],
    }
    write_glb(path, table, arrays)


if __name__ == "__main__":
    write_set(Path(sys.argv[1]))
