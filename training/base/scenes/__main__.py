"""`python -m training.base.scenes OUT.png`: a sheet of pairs, each photograph over its drawing."""

from __future__ import annotations

import argparse

import cv2
import numpy as np

from . import Attributes, render_pair


def sheet(
    seed: int, size: int, columns: int, rows: int, zoom: int, attributes: Attributes | None
) -> np.ndarray:
    """(rows * 2 * size * zoom, columns * size * zoom, 3) uint8 RGB."""
    strips = []
    for row in range(rows):
        pairs = [render_pair(np.random.default_rng([seed, row, c]), size, attributes) for c in range(columns)]
        strips.append(np.hstack([p.photo for p in pairs]))
        strips.append(np.hstack([p.drawn for p in pairs]))
    picture = np.round(np.vstack(strips) * 255).astype(np.uint8)
    return cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_LINEAR)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.base.scenes", description=__doc__)
    parser.add_argument("out", help="the PNG to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--zoom", type=int, default=2)
    parser.add_argument("--plain", action="store_true", help="every drawing with the default attributes")
    arguments = parser.parse_args()
    attributes = Attributes() if arguments.plain else None
    picture = sheet(
        arguments.seed, arguments.size, arguments.columns, arguments.rows, arguments.zoom, attributes
    )
    if not cv2.imwrite(arguments.out, picture[..., ::-1]):
        parser.error(f"could not write {arguments.out}")


if __name__ == "__main__":
    main()
