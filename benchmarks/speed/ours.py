"""What `stylize run` draws with, and how long its drawing alone takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from stylize import footage
from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.sizes import scale_down, working_size
from stylize.footage.clip import Pixels, Shot


@dataclass(frozen=True)
class Ours:
    """The drawing alone, in seconds and processor seconds a frame."""

    draw_s: float
    draw_cpu_s: float
    drawings: tuple[Pixels, ...]


def resolved(model: str, size: int, device: str) -> ResolvedConfig:
    """The default style's settings with weights in float, as the loop draws with them."""
    from stylize.generators.resolve import resolve

    settings = read_settings(model=model, size=size, device=device, offline=True, runtime="torch")
    return resolve(settings).config


def draw_ours(clip: Path, frames: int, model: str, size: int, device: str) -> Ours:
    """Draws as `stylize run` would, with what it would draw with, and nothing else."""
    from stylize.generators.load import load_generator
    from stylize.generators.resolve import resolve

    config = resolve(read_settings(model=model, size=size, device=device, offline=True)).config
    found = footage.probe(clip)
    small = working_size(found.width, found.height, size)
    plates = [scale_down(frame.pixels, small) for frame in footage.read_frames(found, 0, frames)]
    generator = load_generator(config)
    together = max(config.batch, getattr(generator, "at_once", 1))
    shot = Shot(0, found.frame_count)
    generator.draw(plates[:together], list(range(together)), shot)  # the first ones pay for compiling
    began, before = time.perf_counter(), time.process_time()
    drawings: list[Pixels] = []
    for at in range(0, frames, together):
        few = plates[at : at + together]
        drawings += generator.draw(few, list(range(at, at + len(few))), shot)
    return Ours(
        (time.perf_counter() - began) / frames, (time.process_time() - before) / frames, tuple(drawings)
    )
