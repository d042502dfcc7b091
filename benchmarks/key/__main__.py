"""python -m benchmarks.key: mattes and foregrounds of ours and of everybody's, against the rendered truth."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.key.baselines import Keyed, chromakey, closed_form, ibk, one_colour
from benchmarks.key.film import Film, render_all
from benchmarks.key.metrics import COLOUR_COLUMNS, MATTE_COLUMNS, measure
from benchmarks.key.scenes import HELD_OUT, TRAIN
from benchmarks.measure.hardware import hardware_line
from compositing.colour import Image
from compositing.key.keyer import KeySettings, ScreenKeyer

CLIPS = ((0.0, 1.0), (0.04, 0.9), (0.1, 0.9), (0.15, 0.8), (0.25, 0.8))
"""Levels that the image-based keyer may choose from, on the training shots."""
Method = Callable[[Film], Keyed]


def keyer_of(film: Film, settings: KeySettings | None = None) -> ScreenKeyer:
    """A keyer that has looked through the shot."""
    keyer = ScreenKeyer(film.plate, settings)
    keyer.build_shot_plate(film.plate, film.plate, range(len(film.plate)))
    return keyer


def ours(film: Film) -> Keyed:
    keyer = keyer_of(film)
    done = list(keyer.key(film.plate))
    return [each.alpha for each in done], [each.premult for each in done]


def alone(film: Film) -> Keyed:
    """Ours without its neighbours in time."""
    keyer = keyer_of(film, KeySettings(steady=0))
    done = list(keyer.key(film.plate))
    return [each.alpha for each in done], [each.premult for each in done]


def plates(film: Film) -> list[Image]:
    """The clean plates that our keyer makes."""
    keyer = keyer_of(film)
    return [keyer.light_and_screen(plate, number)[1] for number, plate in enumerate(film.plate)]


def best_clip(films: list[Film], screens: Callable[[Film], list[Image]]) -> tuple[float, float]:
    """The levels with the least edge MAD over some shots."""
    cleaned = [screens(film) for film in films]

    def cost(clip: tuple[float, float]) -> float:
        rows = [
            measure(film, ibk(film, plate, clip)[0], None) for film, plate in zip(films, cleaned, strict=True)
        ]
        return float(np.mean([row["edge MAD"] for row in rows]))

    return min(CLIPS, key=cost)


def table(films: list[Film], methods: dict[str, Method]) -> None:
    """A row a method, its means over the shots."""
    columns = (*MATTE_COLUMNS, *COLOUR_COLUMNS)
    print(f"| method | {' | '.join(columns)} | ms a frame |")
    print(f"|---|{'---|' * (len(columns) + 1)}")
    for name, method in methods.items():
        rows, frames, began = [], 0, time.process_time()
        spent = 0.0
        for film in films:
            began = time.process_time()
            mattes, premults = method(film)
            spent += time.process_time() - began
            frames += len(mattes)
            rows.append(measure(film, mattes, premults))
        cells = [f"{float(np.mean([row[column] for row in rows])):.2f}" for column in columns]
        print(f"| {name} | {' | '.join(cells)} | {1000 * spent / frames:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.key", description=__doc__)
    parser.add_argument("--train", action="store_true", help="judge on the training shots")
    parser.add_argument("--each", action="store_true", help="a table for every shot")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    train = render_all(TRAIN)
    one, plate = best_clip(train, one_colour), best_clip(train, plates)
    methods: dict[str, Method] = {
        "ffmpeg chromakey, best of 25": chromakey,
        f"IBK, one colour, levels {one[0]:g}/{one[1]:g}": lambda film: ibk(film, one_colour(film), one),
        f"IBK, our clean plate, levels {plate[0]:g}/{plate[1]:g}": lambda film: ibk(
            film, plates(film), plate
        ),
        "PyMatting, closed form": lambda film: closed_form(film, plates(film)),
        "ours, each frame alone": alone,
        "ours": ours,
    }
    films = train if args.train else render_all(HELD_OUT)
    print(f"{hardware_line()}\n\n{len(films)} {'training' if args.train else 'held-out'} shots\n")
    for film in films if args.each else ():
        print(f"\n{film.scene.name}\n")
        table([film], methods)
    table(films, methods)


if __name__ == "__main__":
    main()
