"""The shots: some to choose a method's numbers on, others, never looked at for that, to judge it by."""

from __future__ import annotations

from benchmarks.key.film import Scene
from benchmarks.key.screen import Cloth
from benchmarks.key.subject import Look

GREEN, BLUE, YELLOW_GREEN, DIM = (0.06, 0.38, 0.08), (0.03, 0.07, 0.42), (0.22, 0.42, 0.05), (0.04, 0.2, 0.06)
BLOND = Look(hair=(0.36, 0.24, 0.11), shirt=(0.05, 0.05, 0.055), sleeves=(0.05, 0.05, 0.055), seed=2)
DENIM = Look(
    shirt=(0.06, 0.09, 0.2), sleeves=(0.5, 0.36, 0.05), trousers=(0.2, 0.17, 0.12), seed=3, speed=1.6
)
WHITE = Look(shirt=(0.6, 0.58, 0.55), sleeves=(0.62, 0.6, 0.57), trousers=(0.03, 0.03, 0.035), seed=4)
KHAKI = Look(
    skin=(0.13, 0.065, 0.04),
    hair=(0.01, 0.008, 0.007),
    shirt=(0.19, 0.16, 0.09),
    sleeves=(0.21, 0.17, 0.1),
    seed=5,
)
RED = Look(hair=(0.2, 0.07, 0.03), skin=(0.55, 0.33, 0.25), shirt=(0.4, 0.1, 0.25), seed=6, speed=1.4)

TRAIN = [
    Scene("even green", Cloth(GREEN), Look()),
    Scene("uneven green", Cloth(GREEN, gradient=0.5, wrinkles=0.06, marks=True, seed=2), BLOND, noise=0.01),
    Scene("uneven blue", Cloth(BLUE, gradient=0.5, wrinkles=0.05, seed=3), RED, start=30),
    Scene(
        "panned green",
        Cloth(GREEN, gradient=0.4, wrinkles=0.05, marks=True, seed=4),
        DENIM,
        pan=0.12,
        start=9,
    ),
]
HELD_OUT = [
    Scene("green", Cloth(GREEN, gradient=0.1, seed=11), DENIM, start=50, frames=8),
    Scene(
        "wrinkled, marked",
        Cloth(GREEN, gradient=0.55, wrinkles=0.08, marks=True, seed=12),
        WHITE,
        start=70,
        frames=8,
        noise=0.009,
        spill=0.09,
    ),
    Scene("blue", Cloth(BLUE, gradient=0.45, wrinkles=0.06, marks=True, seed=13), KHAKI, start=17, frames=8),
    Scene(
        "under-exposed",
        Cloth(DIM, gradient=0.5, wrinkles=0.06, seed=14),
        Look(seed=15),
        exposure=0.6,
        noise=0.012,
        start=88,
        frames=8,
    ),
    Scene(
        "yellow-green, drifting",
        Cloth(YELLOW_GREEN, gradient=0.5, wrinkles=0.05, drift=0.12, seed=16),
        BLOND,
        start=41,
        frames=8,
    ),
    Scene(
        "panned",
        Cloth(GREEN, gradient=0.5, wrinkles=0.06, marks=True, seed=17),
        RED,
        pan=0.14,
        start=5,
        frames=8,
    ),
]
