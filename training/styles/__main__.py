"""python -m training.styles [NAME...]: draws the pictures of the bundled styles and trains the styles on them.

A style takes some minutes of one processor core; `--device cuda --jobs 5` trains all at once on a GPU.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from training.styles import DRAWING_PROGRAMS
from training.styles.bundled import make_bundled_style


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.styles", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(DRAWING_PROGRAMS)}; all by default"
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("styles.training"))
    parser.add_argument("--into", type=Path, help="copy the finished packs into this folder: stylize/styles")
    parser.add_argument("--jobs", type=int, default=1, help="styles learnt at once")
    parser.add_argument("--device", help="in place of the recipes': cpu, cuda, mps")
    parser.add_argument("--steps", type=int, help="in place of the recipes'")
    parser.add_argument("--batch", type=int, help="in place of the recipes'")
    parser.add_argument("--threads", type=int, help="in place of the recipes'")
    parser.add_argument("--validation", type=Path, help="a clip or pictures for the sample sheets")
    options = parser.parse_args()
    names = options.names or list(DRAWING_PROGRAMS)
    asked = ("device", "steps", "batch", "threads", "validation")
    settings = {key: getattr(options, key) for key in asked}
    say = functools.partial(print, flush=True)
    with ProcessPoolExecutor(options.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        work = [
            pool.submit(make_bundled_style, name, options.out, settings, options.into, say) for name in names
        ]
        for each in work:
            print(each.result(), flush=True)


if __name__ == "__main__":
    main()
