"""Loads the generator that a config names."""

from __future__ import annotations

from stylize.config.resolved import ResolvedConfig
from stylize.generators.base import FrameGenerator


def load_generator(config: ResolvedConfig) -> FrameGenerator:
    """Loads the weights: with torch, or an export or a live model with an engine.

    Raises:
        ModelError, MissingPart, UsageError: what is missing or does not fit, and where.
    """
    if config.runtime == "live":
        from stylize.edge.live.generator import LiveGenerator

        return LiveGenerator.load(config)
    if config.runtime == "edge":
        from stylize.edge.generator import EdgeGenerator

        return EdgeGenerator.load(config)
    from stylize.diffusion.generator import DiffusionGenerator

    return DiffusionGenerator.load(config)
