"""The network that enlarges drawings: the bundled one, sizes, settings, and films whose drawings it enlarges."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import stylize
from stylize.config.settings import RunSettings
from stylize.edge.live.enlarger import ENLARGER, NetworkEnlarger, bundled_enlarger, read_enlarger_manifest
from stylize.edge.live.manifest import check_live_file
from stylize.edge.quantize.measure import psnr
from stylize.errors import ModelError, UsageError
from stylize.footage.clip import Pixels
from stylize.generators.enlarging import EDGES, NET, enlarging_settings, open_enlarging
from stylize.generators.resolve import resolve_config
from stylize.passes import FinishPass
from stylize.passes.frame_set import FrameSet
from tests.live_model import write_negative, write_pattern


def picture(height: int, width: int) -> Pixels:
    """Dark lines and flat tones."""
    drawn = np.full((height, width, 3), (0.8, 0.7, 0.6), np.float32)
    cv2.circle(drawn, (width // 2, height // 2), height // 3, (0.3, 0.5, 0.7), -1, cv2.LINE_AA)
    cv2.circle(drawn, (width // 2, height // 2), height // 3, (0.1, 0.1, 0.1), 2, cv2.LINE_AA)
    cv2.line(drawn, (0, height // 5), (width, height // 3), (0.15, 0.1, 0.1), 2, cv2.LINE_AA)
    return drawn


@pytest.fixture(scope="module")
def network() -> NetworkEnlarger:
    return NetworkEnlarger.load(bundled_enlarger())


def test_lines_come_back_nearer_than_by_cubic_interpolation(network: NetworkEnlarger) -> None:
    truth = picture(192, 256)
    small = np.asarray(cv2.resize(truth, (128, 96), interpolation=cv2.INTER_AREA), np.float32)
    cubic = np.asarray(cv2.resize(small, (256, 192), interpolation=cv2.INTER_CUBIC), np.float32)
    assert psnr(network.enlarge(small, truth), truth) > psnr(cubic, truth) + 1


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
def test_flat_parts_stay_flat(network: NetworkEnlarger, level: float) -> None:
    flat = np.full((32, 48, 3), level, np.float32)
    assert np.abs(network.enlarge(flat, np.repeat(np.repeat(flat, 2, 0), 2, 1)) - level).max() < 1 / 255


@pytest.mark.parametrize("size", [(75, 101), (66, 90), (140, 200), (37, 50)])
def test_a_drawing_comes_to_any_size_of_plate(size: tuple[int, int]) -> None:
    truth = picture(*size)
    small = np.asarray(cv2.resize(truth, (50, 37), interpolation=cv2.INTER_AREA), np.float32)
    large = open_enlarging(NET, 1.0)(small, truth)
    assert large.shape == truth.shape
    assert large.dtype == np.float32
    assert large.min() >= 0
    assert large.max() <= 1
    assert psnr(large, truth) > 20


def test_settings_name_the_network_and_leave_films_without_it_as_they_were() -> None:
    assert enlarging_settings(EDGES, 0.5) == 0.5
    by_network = enlarging_settings(NET, 0.5)
    assert by_network != 0.5
    assert by_network == enlarging_settings(str(bundled_enlarger()), 0.5)
    step = FinishPass(0.5, (8, 8), FrameSet(range(1)), "style", enlarge=NET)
    assert step.settings() == by_network


def test_words_that_enlarge_nothing() -> None:
    assert resolve_config(RunSettings()).enlarge == EDGES
    with pytest.raises(UsageError, match="cannot be enlarged by 'more'"):
        resolve_config(RunSettings(enlarge="more"))


def test_the_bundled_one_is_whole_and_small(tmp_path: Path) -> None:
    folder = bundled_enlarger()
    manifest = read_enlarger_manifest(folder)
    check_live_file(folder, manifest.file)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_000_000
    table = json.loads((folder / ENLARGER).read_text())
    (tmp_path / ENLARGER).write_text(json.dumps({**table, "format": 2}))
    with pytest.raises(ModelError, match="format 2"):
        read_enlarger_manifest(tmp_path)


def test_a_film_whose_drawings_the_network_enlarges(tmp_path: Path) -> None:
    clip = write_pattern(tmp_path / "clip.mp4", frames=4, size=(192, 128))
    model = write_negative(tmp_path / "model")

    def film(name: str, enlarge: str) -> bytes:
        out = tmp_path / name / "frame.%06d.png"
        out.parent.mkdir()
        stylize.run(clip, out, model=str(model), size=64, format="png", enlarge=enlarge)
        return b"".join(file.read_bytes() for file in sorted(out.parent.glob("*.png")))

    assert film("net", "net") == film("again", "net")
    assert film("other", "net") != film("edges", "edges")
