"""A folder of prepared pairs: cels by number, and a listing of how many there will be.

A training may begin while they are still being made: the listing is written first, and the pairs follow in order.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import cv2

from stylize.errors import UsageError
from stylize.footage.outfile import make_folder
from stylize.storage.atomic import atomic_write

Task = TypeVar("Task")
LISTING = "pairs.json"


def write_pairs(
    out: Path,
    count: int,
    origin: dict[str, Any],
    tasks: Iterable[Task],
    make: Callable[[Task], int],
    processes: int,
    on_written: Callable[[int], None],
) -> None:
    """Makes `count` pairs in `out`, several at once.

    Args:
        origin: what the pairs depend on (seed, size); a folder holds pairs of one origin.
        tasks: the argument of `make` for each missing pair; `make` writes the pair and returns its number.
        processes: how many are made at once; the pairs are the same for any number.
        on_written: called after each pair with how many are there.

    Raises:
        UsageError: the folder holds pairs of another origin.
    """
    make_folder(out)
    listing = out / LISTING
    if listing.exists() and {**json.loads(listing.read_text()), "count": 0} != {**origin, "count": 0}:
        raise UsageError(
            "The pairs in this folder were made differently.", where=out, hint="choose another folder"
        )
    atomic_write(listing, json.dumps({**origin, "count": count}).encode())
    with ExitStack() as stack:
        if processes > 1:
            # Forked processes would inherit the locks of torch's and OpenCV's threads.
            pool = stack.enter_context(
                multiprocessing.get_context("spawn").Pool(
                    processes, initializer=cv2.setNumThreads, initargs=(1,)
                )
            )
            made: Iterator[int] = pool.imap(make, tasks, chunksize=4)
        else:
            made = map(make, tasks)
        for number in made:
            on_written(number + 1)


def pair_path(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.png"


def missing_pairs(folder: Path, count: int) -> list[int]:
    """The numbers of the first `count` pairs that are not there yet."""
    return [number for number in range(count) if not pair_path(folder, number).exists()]


def pair_count(folder: Path) -> int:
    """How many pairs a folder holds, or will hold when all are made.

    Raises:
        UsageError: there is no listing.
    """
    listing = folder / LISTING
    if not listing.exists():
        raise UsageError("There are no prepared pairs here.", where=folder, hint="stylize train pairs --help")
    return int(json.loads(listing.read_text())["count"])
