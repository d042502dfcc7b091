"""Seconds a frame, end to end, of torch and of every export that is here, in interleaved rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stylize import footage
from stylize.config.resolved import decide_look
from stylize.config.settings import read_settings
from stylize.diffusion.checkpoint_info import read_facts
from stylize.diffusion.sizes import scale_down
from stylize.edge.library import wanted_of
from stylize.edge.quantize.measure import psnr
from stylize.footage.clip import Pixels, Shot
from stylize.generators.backends import look_on, roads_of
from stylize.generators.load import Painter, load_painter
from stylize.system.machine import usable_cores


def table(clip: Path, model: str, side: int, steps: int, rounds: int) -> Iterator[str]:
    """Exports are taken from the user's cache: make them first with `stylize edge quantize`."""
    import torch

    torch.set_num_threads(usable_cores())
    plate = square(clip, side)
    plain: dict[str, Any] = {"model": model, "size": side, "steps": steps, "device": "cpu", "offline": True}
    look = decide_look(read_settings(**plain, precision="fp32"))
    wanted = wanted_of(read_facts(look.checkpoint).revision, look.controls, look.loras, look.clip_skip)
    painters: dict[str, Painter] = {"torch fp32, eager": load_painter(look)}
    painters["torch bf16, eager"] = load_painter(look.model_copy(update={"precision": "bf16"}))
    for road in roads_of(wanted):
        if road.folder is not None:
            for engine in ("openvino", "onnxruntime"):
                edge = look_on(look, road).model_copy(update={"device": engine})
                painters[f"{road.name}, {engine}"] = load_painter(edge)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in painters}
    drawn: dict[str, Pixels] = {}
    for _ in range(rounds + 1):
        for name, painter in painters.items():
            began = time.perf_counter(), time.process_time()
            drawn[name] = painter.draw([plate], [0], Shot(0, 1))[0]
            times[name].append((time.perf_counter() - began[0], time.process_time() - began[1]))
    first = next(iter(painters))
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
