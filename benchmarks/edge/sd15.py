"""The full Stable Diffusion 1.5 and a ControlNet, random weights, down the whole road to an export."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure.memory import peak_of_this_process
from benchmarks.sd15 import GIB, LABEL, write_checkpoint


def table(target: str, side: int) -> Iterator[str]:
    """Sizes, seconds and the most memory; the pictures are noise, so no distance means anything."""
    from stylize.diffusion.facts import read_facts
    from stylize.edge.build.build import Order, build
    from stylize.edge.library import wanted_of
    from stylize.look import decide_look
    from stylize.settings import read_settings
    from stylize.style import Control

    yield f"{LABEL}; target {target}, {side} px"
    with tempfile.TemporaryDirectory(prefix="sd15-edge-") as place:
        checkpoint, out = Path(place) / "checkpoint", Path(place) / "export"
        write_checkpoint(checkpoint)
        import torch

        torch.set_default_dtype(torch.float32)
        look = decide_look(
            read_settings(
                model=str(checkpoint), size=side, steps=1, device="cpu", precision="fp32", offline=True,
                controls=(Control(condition="canny"),), scheduler="ddim",
            )
        )  # fmt: skip
        facts = read_facts(look.checkpoint)
        wanted = wanted_of(facts.revision, look.controls, look.loras, look.clip_skip)
        began = time.perf_counter()
        built = build(Order(look, facts, wanted, target, out, None, None), lambda stage, words: None)  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
        yield "| part | parameters | size | of fp32 |"
        yield "|-|-|-|-|"
        for name, part in built.manifest.parts.items():
            size = sum((out / file).stat().st_size for file in part.files)
            yield (
                f"| {name} | {part.parameters / 1e6:.1f} M | {size / 1e6:.0f} MB | "
                f"{size / max(1, part.float_bytes):.3f} |"
            )
        yield f"built in {seconds:.0f} s, at the most {peak_of_this_process() / GIB:.1f} GiB"
