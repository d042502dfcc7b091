"""python -m benchmarks.camera: rendered shots of the project's stage, their cameras solved and held to the truth.

The stage, a wall and a floor with tracking marks, is rendered with noise; the solver sees pictures alone. "slip"
is how far a thing that stands at a mark's true place, seen by the solved camera, slides off the mark over the shot.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure.hardware import hardware_line
from compositing.backdrop import Card, Cards, choose_key_views, cover
from compositing.camera import Camera, SolveSettings, solve_camera
from compositing.camera.turns import about
from compositing.colour import Image, srgb_from_linear
from examples.greenscreen.stage import WALL_Z, Stage, mark_places

FOCAL_MM = 32.0
NOISE = 0.01


def shot(kind: str, frames: int, size: tuple[int, int]) -> Camera:
    """A camera that is locked, pans by 16 degrees while it tilts, or travels 0.95 m while it pans by 5."""
    part = np.linspace(0, 1, frames)
    world = np.tile(np.eye(4), (frames, 1, 1))
    if kind == "pan":
        world[:, :3, :3] = about("y", -16 * part) @ about("x", 2 * np.sin(4 * part))
    if kind == "move":
        world[:, :3, :3] = about("y", 5 * part) @ about("x", -2 * part)
        world[:, :3, 3] = np.stack([0.8 * part, 0.1 * np.sin(3 * part), -0.5 * part], 1)
    back = (36.0, 36.0 * size[1] / size[0])
    return Camera(world, np.full(frames, FOCAL_MM), back, size, Fraction(24))


def plates(stage: Stage, truth: Camera) -> list[Image]:
    rng = np.random.default_rng(5)
    seen = []
    for number in range(len(truth)):
        plate = srgb_from_linear(stage.render(truth.view(number)))
        noisy = plate + rng.normal(0, NOISE, plate.shape)
        seen.append((np.rint(np.clip(noisy, 0, 1) * 255) / 255).astype(np.float32))
    return seen


def slip(
    solved: Camera, truth: Camera, points: NDArray[np.float64], scale: float = 1.0
) -> NDArray[np.float64]:
    """How far things stuck to the points by the solved camera slide off them over the shot, px.

    Each stands where the first frame that shows it has it, at its true depth times `scale`; the solved camera then
    says where it goes. One number for every point in every frame that shows it.
    """
    start: dict[int, NDArray[np.float64]] = {}
    miss = []
    for number in range(len(truth)):
        at, depth = truth.view(number).project(points)
        inside = (depth > 0.1) & (at > 0).all(axis=1) & (at < np.array(truth.size) - 1).all(axis=1)
        view = solved.view(number)
        for which in np.flatnonzero(inside):
            if which not in start:
                far = np.linalg.norm(points[which] - truth.world[number, :3, 3]) * scale
                start[which] = view.position + view.rays(at[which][None])[0] * far
            seen, _ = view.project(start[which][None])
            miss.append(float(np.linalg.norm(seen[0] - at[which])))
    return np.array(miss)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.camera", description=__doc__)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--width", type=int, default=640)
    args = parser.parse_args()
    size = (args.width, args.width * 9 // 16)
    stage, asked = Stage.build(), SolveSettings(distance_m=-WALL_Z)
    still = Card(np.zeros((size[1], size[0], 3), np.float32), size)
    print(f"{hardware_line()}\n{size[0]}x{size[1]}, {args.frames} frames, lens {FOCAL_MM:g} mm\n")
    print("| shot | taken for | mean px | lens, mm | slip: 95 % / most, px | backdrop drawn | s |")
    print("|---|---|---|---|---|---|---|")
    for name, kind, given in (
        ("locked", "locked", False),
        ("pan", "pan", False),
        ("move", "move", False),
        ("move, lens given", "move", True),
    ):
        truth = shot(kind, args.frames, size)
        seen = plates(stage, truth)
        began = time.perf_counter()
        settings = replace(asked, focal_mm=FOCAL_MM) if given else asked
        solved = solve_camera(seen, size, Fraction(24), settings=settings)
        spent = time.perf_counter() - began
        away = slip(solved.camera, truth, mark_places())
        home = solved.camera.view(0)
        keys = choose_key_views(Cards((cover(still, home, solved.camera),), home), solved.camera)
        print(
            f"| {name} | {solved.report.kind} | {solved.report.mean_px:.3f} | {solved.report.focal_mm:.2f} "
            f"| {np.percentile(away, 95):.2f} / {away.max():.2f} | {len(keys)} | {spent:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
