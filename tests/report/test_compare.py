"""`stylize compare`: any films of one length, as a film or a page, and what is measured of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize import footage
from stylize.errors import UsageError
from stylize.report.compare import compare_films

from .conftest import moving, write_clip


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {
        "plate": write_clip(folder / "plate.mp4", moving(10)),
        "calm": write_clip(folder / "calm.mp4", moving(10)),
        "wild": write_clip(folder / "wild<b>.mp4", moving(10, flicker=0.1)),
        "short": write_clip(folder / "short.mp4", moving(5)),
    }


def test_flicker_sharpness_and_likeness_are_measured(films: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "compare.mp4"
    found = compare_films([films["calm"], films["wild"]], out, source=films["plate"])
    calm, wild = found.films
    assert calm.flicker == pytest.approx(found.guide_flicker)
    assert wild.flicker is not None
    assert calm.flicker is not None
    assert wild.flicker > 2 * calm.flicker
    assert calm.psnr == float("inf")
    assert wild.psnr < 40
    assert calm.sharpness == pytest.approx(1)
    clip = footage.probe(out)
    assert (clip.width, clip.height, clip.frame_count) == (3 * 128, 96, 10)


def test_a_wipe_shows_both_films(films: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "wipe.mp4"
    compare_films([films["plate"], films["wild"]], out, layout="wipe")
    clip = footage.probe(out)
    assert (clip.width, clip.frame_count) == (128, 10)


def test_a_page_holds_three_films_and_escapes_their_names(films: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "compare.html"
    compare_films([films["plate"], films["calm"], films["wild"]], out)
    page = out.read_text()
    assert "wild&lt;b&gt;.mp4" in page
    assert "wild<b>" not in page
    assert 'data-view="choose-left"' in page
    with pytest.raises(UsageError, match="exists"):
        compare_films([films["plate"], films["calm"]], out)


def test_films_of_other_lengths_are_refused(films: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="differ in length: 10 and 5"):
        compare_films([films["plate"], films["short"]], tmp_path / "x.mp4")
    assert list(tmp_path.iterdir()) == []
