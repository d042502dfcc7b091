"""A small film with an exact truth: a scene that pans, sways and turns, clean and with flicker planted."""

from __future__ import annotations

import cv2
import pytest

from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker

FRAMES, HEIGHT = 20, 144
"""Two shots of 12 and 8 frames, 256 x 144."""


@pytest.fixture(scope="session")
def film() -> Film:
    return render(1, FRAMES, HEIGHT, Flicker())


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small pictures gain nothing from threads; the suite shares the machine."""
    cv2.setNumThreads(1)
