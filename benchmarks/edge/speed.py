"""Seconds a frame, end to end, of torch and of every export that is here, in interleaved rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stylize import footage
from stylize.config.settings import read_settings
from stylize.diffusion.sizes import scale_down
from stylize.edge.quantize.measure import psnr
from stylize.footage.clip import Pixels, Shot
from stylize.generators.backends import backends_of, config_on
from stylize.generators.base import FrameGenerator
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve
from stylize.system.machine import usable_cores


def table(clip: Path, model: str, side: int, steps: int, rounds: int) -> Iterator[str]:
    """Exports are taken from the user's cache: make them first with `stylize edge quantize`."""
    import torch

    torch.set_num_threads(usable_cores())
    plate = square(clip, side)
    plain: dict[str, Any] = {"model": model, "size": side, "steps": steps, "device": "cpu", "offline": True}
    resolved = resolve(read_settings(**plain, precision="fp32"))
    config = resolved.config
    generators: dict[str, FrameGenerator] = {"torch fp32, eager": load_generator(config)}
    generators["torch bf16, eager"] = load_generator(config.model_copy(update={"precision": "bf16"}))
    for backend in backends_of(resolved.export_key):
        if backend.folder is not None:
            for engine in ("openvino", "onnxruntime"):
                edge = config_on(config, backend).model_copy(update={"device": engine})
                generators[f"{backend.name}, {engine}"] = load_generator(edge)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in generators}
    drawn: dict[str, Pixels] = {}
    for _ in range(rounds + 1):
        for name, generator in generators.items():
            began = time.perf_counter(), time.process_time()
            drawn[name] = generator.draw([plate], [0], Shot(0, 1))[0]
            times[name].append((time.perf_counter() - began[0], time.process_time() - began[1]))
    first = next(iter(generators))
    yield (
        f"| {side}x{side}, {steps} steps, threads: {usable_cores()} | s a frame, median of {rounds} | "
        "times faster | CPU s | times less | dB to float |"
    )
    yield "|-|-|-|-|-|-|"
    base = _medians(times[first][1:])
    for name, taken in times.items():
        wall, work = _medians(taken[1:])
        near = "" if name == first else f"{psnr(drawn[name], drawn[first]):.1f}"
        yield (f"| {name} | {wall:.3f} | {base[0] / wall:.2f} | {work:.3f} | {base[1] / work:.2f} | {near} |")


def _medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Of seconds that passed, and of seconds of all processors, which other work on the machine hardly moves."""
    return statistics.median(wall for wall, _ in times), statistics.median(work for _, work in times)


def square(clip: Path, side: int) -> Pixels:
    """The middle of a clip's middle frame, `side` px squared."""
    found = footage.probe(clip)
    frame = next(footage.pick_frames(found, [found.frame_count // 2])).pixels
    height, width = frame.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    cut = np.ascontiguousarray(frame[top : top + edge, left : left + edge])
    return scale_down(cut, (side, side))
