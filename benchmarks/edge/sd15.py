"""The full Stable Diffusion 1.5 and a ControlNet, random weights, exported, and drawn with."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.sd15 import GIB, LABEL, alone, write_checkpoint
from stylize.system.machine import peak_of_this_process

if TYPE_CHECKING:
    from stylize.generators.resolve import ResolvedGenerator


def table(target: str, side: int, clip: Path | None) -> Iterator[str]:
    """Sizes, seconds and the most memory; the pictures are noise, so no distance means anything.

    Args:
        clip: footage to measure ranges on.
    """
    yield f"{LABEL}; target {target}, {side} px"
    with tempfile.TemporaryDirectory(prefix="sd15-edge-") as place:
        os.environ["STYLIZE_CACHE_DIR"] = place  # nobody will ask for these recordings again
        checkpoint, out = Path(place) / "checkpoint", Path(place) / "export"
        alone(write_checkpoint, checkpoint)
        yield from alone(_build, checkpoint, target, side, clip, out)
        yield alone(_draw, out, side)


def _resolve(model: Path, side: int, **more: Any) -> ResolvedGenerator:
    from stylize.config.settings import read_settings
    from stylize.config.style import Control
    from stylize.generators.resolve import resolve

    canny = (Control(condition="canny"),)
    return resolve(
        read_settings(
            model=str(model), size=side, steps=1, offline=True, controls=canny, scheduler="ddim", **more
        )
    )


def _build(checkpoint: Path, target: str, side: int, clip: Path | None, out: Path) -> list[str]:
    from stylize.edge.manifest import size_of
    from stylize.edge.quantize.build import build
    from stylize.edge.quantize.plates import read_plates
    from stylize.edge.quantize.request import BuildRequest
    from stylize.edge.targets import TARGETS

    resolved = _resolve(checkpoint, side, device="cpu", precision="fp32")
    shape = (side, side) if TARGETS[target].integer_only else None
    plates = None if clip is None else read_plates(clip, side, shape)
    began = time.perf_counter()

    def report_progress(stage: str, words: str) -> None:
        passed = time.perf_counter() - began
        print(f"{passed:6.0f} s {peak_of_this_process() / GIB:5.1f} GiB {stage}: {words}", file=sys.stderr)

    request = BuildRequest(
        resolved.config,
        resolved.checkpoint,
        resolved.export_key,
        target,
        out,
        plates,
        shape,  # type: ignore[arg-type]
    )
    built = build(request, report_progress)
    seconds = time.perf_counter() - began
    rows = ["| part | parameters | size | of fp32 |", "|-|-|-|-|"]
    for name, part in built.manifest.parts.items():
        size = size_of(out, part)
        share = size / max(1, part.float_bytes)
        rows.append(f"| {name} | {part.parameters / 1e6:.1f} M | {size / 1e6:.0f} MB | {share:.3f} |")
    rows.append(f"built in {seconds:.0f} s, at the most {peak_of_this_process() / GIB:.1f} GiB")
    return rows


def _draw(out: Path, side: int) -> str:
    """A frame of one step by the export alone, the second that is drawn."""
    from benchmarks.measure.clip import draw_plate
    from stylize.edge.engines import choose_engine
    from stylize.edge.manifest import read_manifest
    from stylize.footage.clip import Shot
    from stylize.generators.load import load_generator

    engine = choose_engine("cpu", read_manifest(out).target)
    generator = load_generator(_resolve(out, side, device=engine, runtime="edge").config)
    plate, times = draw_plate((side, side), 0, 0), []
    for _ in range(2):
        began = time.perf_counter()
        generator.draw([plate], [0], Shot(0, 1))
        times.append(time.perf_counter() - began)
    peak = peak_of_this_process() / GIB
    return (
        f"a frame of one step by {engine}: {times[1]:.1f} s, {times[0]:.0f} s for the first, {peak:.1f} GiB"
    )
