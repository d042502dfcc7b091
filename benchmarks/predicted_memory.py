"""python -m benchmarks.predicted_memory: the memory that drawing is said to take, beside what it takes.

Narrow checkpoints with random weights of three families draw a frame at several sizes on a processor, each in a
process of its own that has drawn a small one before. What the process then takes beside what it held is measured by
the system; the prediction is `activation_bytes`, as `stylize run --dry-run` and `models show` count it. Memory that
a tensor gave back is returned to the system at once, so that holes between tensors are not counted: how many there
are is chance (`--holes` counts them).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

SMALL_PX = 64
MIB = 1 << 20


def measure(family: str, folder: str, side: int) -> dict[str, object]:
    """MiB predicted and measured for a frame of `side` px."""
    import numpy as np
    import psutil
    import torch

    from stylize.config.read_settings import read_settings
    from stylize.diffusion.generator import DiffusionGenerator
    from stylize.diffusion.weightless import activation_bytes, read_weightless
    from stylize.footage.clip import Shot
    from stylize.generators.resolve import resolve_config
    from tests.families import make_parts, write_folder

    place = write_folder(make_parts(family), family, Path(folder) / f"{family}-{side}")
    networks = read_weightless(place, torch.float32)
    assert networks is not None
    predicted = activation_bytes(networks.calls(side, side, 1, 0))
    settings = read_settings(
        model=str(place), controls=(), steps=1, strength=1.0, guidance=1.0, size=side, device="cpu",
        precision="fp32", offline=True, scheduler="ddim",
    )  # fmt: skip
    generator = DiffusionGenerator.load(resolve_config(settings))
    for pixels in (SMALL_PX, side):
        held = psutil.Process().memory_info().rss
        generator.draw([np.zeros((pixels, pixels, 3), np.float32)], [0], Shot(0, 1))
    measured = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - held
    return {
        "family": family,
        "side": side,
        "predicted_mib": round(predicted / MIB),
        "measured_mib": round(measured / MIB),
        "ratio": round(predicted / measured, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", nargs="+", default=["sd1", "sd2", "sdxl"])
    parser.add_argument("--sides", nargs="+", type=int, default=[768, 1024])
    parser.add_argument("--holes", action="store_true", help="as the system's allocator leaves it")
    arguments = parser.parse_args()
    if not arguments.holes:
        os.environ |= {"MALLOC_MMAP_THRESHOLD_": str(64 << 10), "MALLOC_TRIM_THRESHOLD_": "0"}
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for family in arguments.families:
            for side in arguments.sides:
                with ProcessPoolExecutor(
                    1, mp_context=context
                ) as pool:  # a process each: the peak is its own
                    print(json.dumps(pool.submit(measure, family, folder, side).result()), flush=True)


if __name__ == "__main__":
    main()
