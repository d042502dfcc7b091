"""A few small drawings to learn from in tests: shapes in a style that is easy to tell."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def draw_shapes(seed: int, width: int = 160, height: int = 144) -> tuple[np.ndarray, np.ndarray]:
    """A photograph-like picture and its drawing, (H, W, 3) uint8 RGB: blue paint under black outlines."""
    rng = np.random.default_rng(seed)
    photo = np.full((height, width, 3), rng.integers(90, 170, 3), np.uint8)
    drawn = np.full((height, width, 3), (200, 215, 240), np.uint8)
    for _ in range(5):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radius = int(rng.integers(12, 40))
        colour = [int(value) for value in rng.integers(30, 230, 3)]
        cv2.circle(photo, centre, radius, colour, -1, cv2.LINE_AA)
        cv2.circle(drawn, centre, radius, (40, 70, 150 + int(rng.integers(60))), -1, cv2.LINE_AA)
        cv2.circle(drawn, centre, radius, (10, 10, 20), 2, cv2.LINE_AA)
    noise = rng.normal(0, 5, photo.shape)
    return np.clip(photo + noise, 0, 255).astype(np.uint8), drawn


def write_drawings(folder: Path, count: int = 6, sources: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        photo, drawn = draw_shapes(number)
        cv2.imwrite(str(folder / f"{number:02d}.png"), drawn[..., ::-1])
        if sources:
            cv2.imwrite(str(folder / f"{number:02d}.source.png"), photo[..., ::-1])
    return folder
