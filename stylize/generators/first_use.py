"""What `--runtime auto` needs to choose: an INT8 export, made from the clip at hand, and every road timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stylize.config.settings import RunSettings
from stylize.edge.library import place_of, wanted_of
from stylize.edge.manifest import TargetName, is_export
from stylize.generators.backends import backends_of, best_backend, has_builder, has_torch, measure
from stylize.generators.resolve import resolve_config

Say = Callable[[str], None]
MADE: tuple[TargetName, ...] = ("float", "cpu-int8")
"""Compiled float is exact; INT8 is quicker where it passes its gate."""


def prepare(clip: Path, settings: RunSettings, tell: Callable[[str, str], None], say: Say) -> None:
    """Does nothing where no export can be made, where a GPU draws, or where all is known already.

    Args:
        clip: what will be drawn; INT8 is calibrated on it.
        say: is told in a sentence what takes time.
    """
    if not has_torch() or not has_builder() or is_export(Path(settings.model or "")):
        return
    config = resolve_config(settings.model_copy(update={"runtime": "torch"}))
    if config.device != "cpu":  # torch on a GPU is quicker than any of them on the processor
        return
    from stylize.edge.quantize.build import Order, build
    from stylize.edge.quantize.plates import LEAST, read_plates
    from stylize.footage import probe
    from stylize.generators.inspect import inspect_checkpoint

    facts = inspect_checkpoint(config.checkpoint, config.offline)
    wanted = wanted_of(facts.revision, config.controls, config.loras, config.clip_skip)
    missing = [target for target in MADE if not is_export(place_of(wanted, target, None))]
    if missing and probe(clip).frame_count >= LEAST:
        say(f"making exports for this machine, once: {', '.join(missing)} (a minute or two)")
        plates = read_plates(clip, config.size, None)
        exact = config.model_copy(update={"precision": "fp32"})
        for target in missing:
            build(Order(exact, facts, wanted, target, place_of(wanted, target, None), plates), tell)
    backends = backends_of(wanted)
    if any(backend.fault is None and backend.seconds is None for backend in backends):
        backends = measure(config, wanted, tell)
    best = best_backend(backends)
    if best is not None:
        others = "; ".join(
            f"{backend.name} {backend.fault or f'{backend.seconds:.2f} s a frame'}"
            for backend in backends
            if backend is not best
        )
        say(f"drawing with {best.name} ({best.seconds or 0:.2f} s a frame; {others})")
