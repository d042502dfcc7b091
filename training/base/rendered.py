"""Rendered pairs, prepared once and kept on disk.

Each pair depends on (seed, number) alone, so a longer set begins with the shorter one.
"""

from __future__ import annotations

import functools
import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from training.base.scenes import render_pair

LISTING = "captions.json"


def prepare(
    out: Path,
    count: int,
    size: int = 160,
    seed: int = 0,
    processes: int = 1,
    tell: Callable[[int], None] = lambda done: None,
) -> None:
    """Renders `count` pairs as 8-bit PNG, photo left and drawing right, and their captions.

    Pairs that are there already are kept.

    Args:
        size: side of the pictures, px; training crops them.
        processes: how many render at once; the pairs are the same for any number.
        tell: hears how many are done.
    """
    out.mkdir(parents=True, exist_ok=True)
    listing = out / LISTING
    captions: dict[str, str] = json.loads(listing.read_text()) if listing.exists() else {}
    missing = [number for number in range(count) if _name(number) not in captions]
    one = functools.partial(_render, out, size, seed)
    with ExitStack() as stack:
        if processes > 1:
            # Forked processes would inherit the locks of torch's and OpenCV's threads.
            pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(processes))
            made: Iterator[tuple[str, str]] = pool.imap(one, missing, chunksize=16)
        else:
            made = map(one, missing)
        for done, (name, caption) in enumerate(made, start=count - len(missing) + 1):
            captions[name] = caption
            if done % 100 == 0 or done == count:
                tmp = listing.with_suffix(".tmp")
                tmp.write_text(json.dumps(captions))
                tmp.replace(listing)
            tell(done)


def _render(out: Path, size: int, seed: int, number: int) -> tuple[str, str]:
    cv2.setNumThreads(1)
    pair = render_pair(np.random.default_rng((seed, number)), size)
    both = np.concatenate([pair.photo, pair.drawn], axis=1)[..., ::-1]
    name = _name(number)
    if not cv2.imwrite(str(out / name), np.rint(np.clip(both, 0, 1) * 255).astype(np.uint8)):
        raise OSError(f"{out / name} could not be written.")
    return name, pair.caption


def _name(number: int) -> str:
    return f"{number:06d}.png"
