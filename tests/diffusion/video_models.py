"""What the tests of video models draw: nine frames of a shot, by a model of few random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stylize.config.read_settings import read_settings
from stylize.diffusion.pipelines.generator import PipelineGenerator
from stylize.footage.clip import Shot
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve

SHOT, NUMBERS = Shot(100, 170), range(100, 109)
PLATES = list(np.random.default_rng(2).random((9, 64, 96, 3), np.float32))
GUIDANCE = 4.0


def config_of(folder: Path, **changes: Any) -> Any:
    """What a checkpoint is drawn with."""
    usual = {"model": str(folder), "steps": 4, "guidance": GUIDANCE, "device": "cpu", "precision": "fp32"}
    return resolve(read_settings(offline=True, prompt="anime", **(usual | changes)))


def loaded(folder: Path, **changes: Any) -> PipelineGenerator:
    """The same with its weights."""
    generator = load_generator(config_of(folder, **changes).config)
    assert isinstance(generator, PipelineGenerator)
    return generator
