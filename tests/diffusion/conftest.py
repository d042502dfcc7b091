from __future__ import annotations

from pathlib import Path

import pytest

from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control, Finish
from tests.narrow import write_narrow_checkpoint


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with SD 1.5's architecture, narrow, random."""
    return write_narrow_checkpoint(tmp_path_factory.mktemp("narrow"))


@pytest.fixture(scope="session")
def narrow_config(narrow: Path) -> ResolvedConfig:
    return ResolvedConfig(
        style="narrow",
        checkpoint=str(narrow),
        prompt="anime",
        negative_prompt="",
        strength=0.5,
        guidance=1.0,
        steps=4,
        clip_skip=0,
        scheduler="ddim",
        noise="fixed",
        size=64,
        controls=(Control(condition="tile"),),
        loras=(),
        finish=Finish(),
        seed=7,
        steady=1.0,
        batch=1,
        device="cpu",
        precision="fp32",
        offline=True,
        repair="off",
        cadence="ones",
        hold="step",
    )
