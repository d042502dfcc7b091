"""Float exports of the bundled checkpoint and of a narrow SD 1.5, made once; the user's cache is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.measure.clip import draw_plate
from stylize import footage
from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control
from stylize.edge.library import wanted_of
from stylize.footage.clip import Clip, Frame
from stylize.generators.resolve import resolve_config
from tests.narrow import write_narrow_checkpoint

SIZE = (120, 72)
FRAMES = 12


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Another place for what the user's cache would hold."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setattr("stylize.edge.library.library_folder", lambda: folder / "stylize" / "edge")
        yield folder


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
def looks(narrow: Path) -> dict[str, ResolvedConfig]:
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


def order_of(
    config: ResolvedConfig, target: str, out: Path, clip: Path | None, shape: tuple[int, int] | None = None
):
    """What `stylize edge quantize` would order."""
    from stylize.edge.quantize.build import Order
    from stylize.edge.quantize.plates import read_plates
    from stylize.generators.inspect import inspect_checkpoint

    facts = inspect_checkpoint(config.checkpoint)
    wanted = wanted_of(facts.revision, config.controls, config.loras, config.clip_skip)
    plates = None if clip is None else read_plates(clip, config.size, shape, count=2)
    return Order(config, facts, wanted, target, out, plates, shape)


def silent(stage: str, words: str) -> None:
    """Tells nobody."""


@pytest.fixture(scope="session")
def exports(
    looks: dict[str, ResolvedConfig], clip: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A float export of either checkpoint."""
    from stylize.edge.quantize.build import build

    root = tmp_path_factory.mktemp("exports")
    return {
        name: build(order_of(config, "float", root / name, clip), silent).folder
        for name, config in looks.items()
    }
