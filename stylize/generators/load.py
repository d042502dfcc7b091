"""Loads the generator that a config names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.checkpoint_info import draws_with_pipeline
from stylize.generators.base import FrameGenerator
from stylize.generators.several import SeveralGenerators

one_model_at_a_time = threading.RLock()
"""Held while a model is loaded: meanwhile diffusers changes how torch builds networks, in every thread."""
READ_WHILE_DRAWING = frozenset(
    (
        *("style", "terms", "strength", "steps", "scheduler", "noise", "seed", "size", "batch"),
        *("finish", "deflicker", "repair", "cadence", "hold", "enlarge", "faces"),
    )
)
"""Parts of a config that a loaded generator reads with every drawing, or not at all."""

_kept: dict[str, FrameGenerator] | None = None


@contextmanager
def generators_kept() -> Iterator[None]:
    """Within this, the generator that was loaded last stays in memory for the next job that needs the same weights
    and words: many small jobs, such as a folder of photographs, load their model once."""
    global _kept
    before, _kept = _kept, {}
    try:
        yield
    finally:
        _kept = before


def load_generator(config: ResolvedConfig) -> FrameGenerator:
    """Loads the weights: with torch, or an export or a live model with an engine; see `generators_kept`.

    Raises:
        ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
    """
    if _kept is None:
        return _load(config)
    key = repr(what_is_loaded(config))
    if key not in _kept:
        _kept.clear()  # the old one goes before the new one takes memory
        _kept[key] = _load(config)
    return _kept[key].with_config(config)


def what_is_loaded(config: ResolvedConfig) -> dict[str, Any]:
    """The parts of a config that decide which weights are loaded and how the prompt is embedded."""
    return config.model_dump(exclude=set(READ_WHILE_DRAWING))


def _load(config: ResolvedConfig) -> FrameGenerator:
    with one_model_at_a_time:
        return _load_alone(config)


def _load_alone(config: ResolvedConfig) -> FrameGenerator:
    if config.more_devices:
        return SeveralGenerators.load(config, _load)
    if config.runtime == "live":
        from stylize.edge.live.generator import LiveGenerator

        return LiveGenerator.load(config)
    if config.runtime == "edge":
        from stylize.edge.generator import EdgeGenerator

        return EdgeGenerator.load(config)
    if draws_with_pipeline(config.checkpoint, config.offline):
        from stylize.diffusion.pipelines.generator import PipelineGenerator

        return PipelineGenerator.load(config)
    from stylize.diffusion.generator import DiffusionGenerator

    return DiffusionGenerator.load(config)
