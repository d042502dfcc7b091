"""Log footage is not tagged as such: where it looks like it, the plan says so."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from stylize.footage import probe
from stylize.footage.log_look import LOG_NOTE

SGAMUT3_CINE_FROM_709 = np.array(
    [[0.6456, 0.2591, 0.0953], [0.0875, 0.7598, 0.1528], [0.0370, 0.1292, 0.8338]], np.float32
)
"""About: how light of BT.709 lies in a camera's wide gamut."""


def set_light() -> np.ndarray:
    """A scene: a lit wall, somebody's face and clothes, a dark floor, and white paper. Linear, 0.9 is white."""
    light = np.empty((96, 160, 3), np.float32)
    light[:] = np.linspace(0.02, 0.5, 160, dtype=np.float32)[None, :, None] * (1.0, 0.9, 0.75)
    light[20:80, 60:100] = (0.45, 0.28, 0.2)
    light[50:80, 55:105] = (0.05, 0.08, 0.3)
    light[80:] = (0.01, 0.01, 0.012)
    light[10:24, 120:140] = 0.9
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 1.5))


def slog3(light: np.ndarray) -> np.ndarray:
    """Sony's white paper of S-Log3: codes of 1023."""
    low = (light * (171.2102946929 - 95) / 0.01125 + 95) / 1023
    high = (420 + np.log10(np.maximum(light + 0.01, 1e-6) / 0.19) * 261.5) / 1023
    return np.where(light >= 0.01125, high, low)


def vlog(light: np.ndarray) -> np.ndarray:
    """Panasonic's V-Log reference manual."""
    return np.where(
        light < 0.01, 5.6 * light + 0.125, 0.241514 * np.log10(np.maximum(light, 0) + 0.00873) + 0.598206
    )


def logc(light: np.ndarray) -> np.ndarray:
    """ARRI's LogC3 at EI 800."""
    high = 0.247190 * np.log10(np.maximum(5.555556 * light + 0.052272, 1e-6)) + 0.385537
    return np.where(light > 0.010591, high, 5.367655 * light + 0.092809)


def bt709(light: np.ndarray) -> np.ndarray:
    return np.clip(light / 0.9, 0, 1) ** (1 / 2.4)


def film(path: Path, codes: np.ndarray, form: str = "yuv422p10le") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(24))
        stream.height, stream.width, stream.pix_fmt = codes.shape[0], codes.shape[1], form
        deep = np.rint(np.clip(codes, 0, 1) * 65535).astype(np.uint16)
        for _ in range(3):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(deep, format="rgb48le").reformat(format=form))
            )
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("curve", [slog3, vlog, logc])
def test_log_is_said(tmp_path: Path, curve: object) -> None:
    wide = set_light() @ SGAMUT3_CINE_FROM_709.T
    assert probe(film(tmp_path / "a.mkv", curve(wide))).notes == (LOG_NOTE,)  # type: ignore[operator]


def test_what_is_graded_is_not(tmp_path: Path) -> None:
    assert probe(film(tmp_path / "a.mkv", bt709(set_light()))).notes == ()


def test_a_flat_green_screen_is_not(tmp_path: Path) -> None:
    screen = np.broadcast_to(np.float32([0.15, 0.6, 0.2]), (96, 160, 3)).copy()
    screen[30:80, 60:100] = bt709(set_light())[30:80, 60:100]
    assert probe(film(tmp_path / "a.mkv", screen)).notes == ()


def test_eight_bits_and_cards_are_not(tmp_path: Path) -> None:
    log = slog3(set_light() @ SGAMUT3_CINE_FROM_709.T)
    assert probe(film(tmp_path / "a.mkv", log, "yuv420p")).notes == ()
    assert probe(film(tmp_path / "b.mkv", np.full((96, 160, 3), 0.4))).notes == ()
