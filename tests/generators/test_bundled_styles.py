"""The styles that come with the program: small, said for, and each a manner of its own."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize import footage
from stylize.config.packs.find import list_styles
from stylize.config.packs.folders import bundled_folder
from stylize.config.packs.pack import read_pack
from stylize.config.read_settings import read_settings
from stylize.diffusion.generator import DiffusionGenerator
from stylize.footage.clip import Pixels, Shot
from stylize.generators.resolve import resolve_config
from tests.conftest import ROOT

LEARNT = tuple(sorted(pack.name for pack in list_styles() if pack.style.loras))
ALL = ("anime", *LEARNT)
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def plate() -> Pixels:
    """A frame of the project's own footage, which no style was learnt from."""
    frame = next(iter(footage.read_frames(footage.probe(ROOT / "examples" / "sample.mp4"), 30, 31)))
    return np.asarray(cv2.resize(frame.pixels, (224, 128), interpolation=cv2.INTER_AREA), np.float32)


def draw(plate: Pixels, **settings: object) -> Pixels:
    config = resolve_config(read_settings(device="cpu", precision="fp32", steps=1, **settings))
    return DiffusionGenerator.load(config).draw([plate], [0], Shot(0, 1))[0]


@pytest.fixture(scope="module")
def drawn(plate: Pixels) -> dict[str, Pixels]:
    return {name: draw(plate, style=name) for name in ALL}


@pytest.mark.parametrize("name", LEARNT)
def test_a_pack_is_small_and_says_where_it_comes_from(name: str) -> None:
    pack = read_pack(bundled_folder() / name / "style.toml")
    assert pack.lora_files
    assert sum(Path(file).stat().st_size for file in pack.lora_files) < MOST_BYTES
    assert (pack.folder / pack.style.cover).is_file()
    assert pack.style.licence == "Apache-2.0"
    assert "40 drawings" in pack.style.sources


@pytest.mark.parametrize("name", LEARNT)
def test_weight_nought_is_none_and_half_lies_between(
    name: str, plate: Pixels, drawn: dict[str, Pixels]
) -> None:
    none = draw(plate, style=name, loras=())
    np.testing.assert_array_equal(draw(plate, style=f"{name}:0"), none)
    half = np.abs(draw(plate, style=f"{name}:0.5") - none).mean()
    assert 0.005 < half < np.abs(drawn[name] - none).mean()


def test_each_is_its_own(drawn: dict[str, Pixels]) -> None:
    for number, one in enumerate(ALL):
        for other in ALL[number + 1 :]:
            assert np.abs(drawn[one] - drawn[other]).mean() > 0.035, f"{one} and {other}"


def test_each_looks_as_it_is_called(drawn: dict[str, Pixels]) -> None:
    def chroma(picture: Pixels) -> float:
        lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
        return float(np.hypot(lab[..., 1], lab[..., 2]).mean())

    def blue(picture: Pixels) -> float:
        return float((picture[..., 2] - picture[..., 0]).mean())

    for name, value, sign in (
        ("ink-noir", chroma, -1),
        ("gouache-night", blue, 1),
        ("watercolor", np.mean, 1),
        ("cel", chroma, 1),
        ("manga", chroma, -1),
        ("retro-90s", blue, -1),
    ):
        if name in drawn:
            assert sign * value(drawn[name]) > sign * value(drawn["anime"]), name
    assert chroma(drawn["ink-noir"]) < 0.5 * chroma(drawn["anime"])
