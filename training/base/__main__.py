"""python -m training.base RECIPE.toml --rendered FOLDER --real FOLDER --out FOLDER [--export FOLDER]"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from training.base.export import export
from training.base.model import Architecture
from training.base.recipe import Recipe
from training.base.train import Step, train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--rendered", type=Path, required=True, help="pairs made by training.base.rendered")
    parser.add_argument("--real", type=Path, required=True, help="pairs made by training.base.real")
    parser.add_argument("--out", type=Path, required=True, help="where the state of the training is kept")
    parser.add_argument("--export", type=Path, help="write the finished checkpoint here")
    options = parser.parse_args()
    recipe, shape = Recipe.read(options.recipe), Architecture()
    log = options.out / "log.csv"
    options.out.mkdir(parents=True, exist_ok=True)

    words = TextColumn("{task.description}")
    with (
        Progress(words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bars,
        log.open("a") as lines,
    ):
        bar = bars.add_task("training", total=recipe.steps)

        def tell(step: Step) -> None:
            lines.write(f"{step.number},{step.loss:.5f},{step.psnr:.3f},{step.seconds:.3f}\n")
            lines.flush()
            bars.update(bar, completed=step.number, description=f"{step.psnr:.1f} dB")

        artist = train(recipe, shape, options.rendered, options.real, options.out, tell)
    if options.export:
        size = export(artist, shape, options.export)
        print(f"{options.export}: {size / 1e6:.1f} MB of weights")


if __name__ == "__main__":
    main()
