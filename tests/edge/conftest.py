"""Float exports of the bundled checkpoint and of a narrow SD 1.5, made once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.measure.clip import draw_plate
from stylize import footage
from stylize.config.resolved import ResolvedConfig
from stylize.config.settings import read_settings
from stylize.config.style import Control
from stylize.footage.clip import Clip, Frame
from stylize.generators.resolve import resolve_config
from tests.narrow import write_narrow_checkpoint

SIZE = (120, 72)
FRAMES = 12


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shapes that move over a landscape."""
    path = tmp_path_factory.mktemp("clip") / "shapes.mp4"
    plan = Clip(path, *SIZE, Fraction(24), Fraction(1, 24), FRAMES)
    frames = (Frame(number, number, draw_plate(SIZE, 1, number)) for number in range(FRAMES))
    return footage.write_film(frames, path, plan, format="mp4", audio=False)


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_narrow_checkpoint(tmp_path_factory.mktemp("narrow"))


@pytest.fixture(scope="session")
def configs(narrow: Path) -> dict[str, ResolvedConfig]:
    """How torch draws with either checkpoint, in fp32 on the CPU."""
    plain = {"device": "cpu", "precision": "fp32", "offline": True}
    small = Control(condition="tile")
    return {
        "mini": resolve_config(read_settings(**plain, size=72)),
        "narrow": resolve_config(
            read_settings(**plain, model=str(narrow), size=72, steps=2, strength=0.6, guidance=2.0,
                          scheduler="ddim", controls=(small, Control(condition="canny", weight=0.5, end=0.6)))
        ),
    }  # fmt: skip


def request_of(
    config: ResolvedConfig, target: str, out: Path, clip: Path | None, shape: tuple[int, int] | None = None
):
    """What `stylize edge quantize` would ask for, with fewer frames to calibrate on."""
    from stylize.edge.library import export_key_of
    from stylize.edge.quantize.plates import read_plates
    from stylize.edge.quantize.request import BuildRequest
    from stylize.generators.inspect import inspect_checkpoint

    info = inspect_checkpoint(config.checkpoint)
    key = export_key_of(info.revision, config.controls, config.loras, config.clip_skip)
    plates = None if clip is None else read_plates(clip, config.size, shape, count=2)
    return BuildRequest(config, info, key, target, out, plates, shape)


def silent(stage: str, words: str) -> None:
    """Tells nobody."""


@pytest.fixture(scope="session")
def exports(
    configs: dict[str, ResolvedConfig], clip: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A float export of either checkpoint."""
    from stylize.edge.quantize.build import build

    root = tmp_path_factory.mktemp("exports")
    return {
        name: build(request_of(config, "float", root / name, clip), silent).folder
        for name, config in configs.items()
    }
