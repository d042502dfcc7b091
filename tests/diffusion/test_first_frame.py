"""Attention to the drawing of a shot's first frame: what changes, what does not, and any chunking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.sizes import scaled
from stylize.footage.clip import Pixels, Shot
from stylize.passes import FrameSet, StylePass
from stylize.passes.style import drawing_settings

SHOT = range(3, 12)
SIZE = (80, 64)


@pytest.fixture(scope="module")
def plates() -> dict[int, Pixels]:
    rng = np.random.default_rng(6)
    return {number: rng.random((SIZE[1], SIZE[0], 3), np.float32) for number in SHOT}


@pytest.fixture(scope="module")
def attending(narrow_config: ResolvedConfig) -> ResolvedConfig:
    changes = {"attend": "first", "batch": 2, "guidance": 3.0, "controls": ()}
    return narrow_config.model_copy(update=changes)


def test_frames_look_at_the_first_one(attending: ResolvedConfig, plates: dict[int, Pixels]) -> None:
    own = DiffusionGenerator.load(attending.model_copy(update={"attend": None}))
    seeing = DiffusionGenerator.load(attending)
    shot, plate = Shot(3, 12), plates[7]
    alone = own.draw([plate], [7], shot)[0]
    assert (
        np.abs(seeing.draw([plate], [7], shot)[0] - alone).max() <= 1e-6
    )  # without a first frame nothing changes
    beside = seeing.draw_beside(plates[3], [plate], [7], shot)[0]
    assert np.abs(beside - alone).max() > 1e-4
    other = seeing.draw_beside(plates[4], [plate], [7], shot)[0]
    assert np.abs(beside - other).max() > 1e-4
    itself = seeing.draw_beside(plates[3], [plates[3]], [3], shot)[
        0
    ]  # keys that are there twice weigh the same
    assert np.abs(itself - own.draw([plates[3]], [3], shot)[0]).max() <= 1e-4


class Inputs:
    def __init__(self, plates: dict[int, Pixels], allowed: Sequence[int]) -> None:
        self.plates, self.allowed = plates, set(allowed)

    def frames(self, _: str, numbers: Sequence[int], size: tuple[int, int] | None = None) -> Iterator[Pixels]:
        assert set(numbers) <= self.allowed
        return scaled((self.plates[number] for number in numbers), size)


def test_any_chunking_gives_the_same_frames(attending: ResolvedConfig, plates: dict[int, Pixels]) -> None:
    def drawn(chunk: int) -> dict[int, Pixels]:
        step, made = StylePass(attending, "revision", SIZE, FrameSet(SHOT)), {}
        for start in range(0, len(SHOT), chunk):
            wanted = range(start, min(start + chunk, len(SHOT)))
            inputs = Inputs(plates, step.reads(SHOT, wanted)["plate"])
            made |= {number: pictures[0] for number, pictures in step.render(SHOT, wanted, inputs)}
        return made

    whole = drawn(len(SHOT))
    for chunk in (1, 4):
        parts = drawn(chunk)
        assert all(np.array_equal(parts[number], whole[number]) for number in SHOT)


def test_the_switch_is_in_the_fingerprint(attending: ResolvedConfig) -> None:
    off = drawing_settings(attending.model_copy(update={"attend": None}))
    assert drawing_settings(attending) != off
    assert "attend" not in off  # films of before keep their fingerprint
