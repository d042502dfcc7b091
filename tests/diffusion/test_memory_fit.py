"""What fits a GPU: frames at once, pieces of the autoencoder; and how far tiles are from the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stylize.config.read_settings import read_settings
from stylize.config.resolved import ResolvedConfig
from stylize.diffusion import vae_pieces
from stylize.diffusion.device import choose_devices
from stylize.diffusion.generator import DiffusionGenerator
from stylize.diffusion.vae_pieces import cut_up
from stylize.errors import StylizeError, UsageError
from stylize.footage.clip import Pixels, Shot
from stylize.generators.inspect import inspect_checkpoint
from stylize.generators.load import load_generator
from stylize.generators.memory_fit import UnetWork, choose_way, ways
from stylize.generators.resolve import resolve_config
from stylize.generators.several import SeveralGenerators
from stylize.passes import FrameSet, StylePass
from stylize.passes.style import drawing_settings
from tests.diffusion.test_first_frame import Inputs
from tests.families import make_parts, write_folder

WORK = UnetWork(size=1080, most_px=None, guided=True, controls=1, batch=4, may_shrink=True)


@pytest.fixture(scope="module")
def sd1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(make_parts("sd1"), "sd1", tmp_path_factory.mktemp("memory") / "sd1")


def test_less_memory_draws_fewer_frames_then_in_tiles(sd1: Path) -> None:
    info = inspect_checkpoint(str(sd1))
    found = ways(info, "bf16", WORK)
    assert found is not None
    whole = [fit for fit in found if fit.pieces != "tiles"]
    assert [(fit.batch, fit.pieces) for fit in whole] == [
        (4, None), (4, "slices"), (2, None), (2, "slices"), (1, None),
    ]  # fmt: skip
    assert [fit.batch for fit in found if fit.pieces == "tiles"] == [4, 2, 1]
    smallest = min(fit.bytes for fit in whole)
    tiled = min(fit.bytes for fit in found)
    assert tiled < smallest < whole[0].bytes
    room = 1 / 0.92 + 1e-6
    assert choose_way(found, int(whole[0].bytes * room)) == whole[0]
    between = choose_way(found, int((tiled + smallest) / 2 * room))
    assert between.pieces == "tiles"
    with pytest.raises(UsageError, match="GiB of GPU memory at least"):
        choose_way(found, int(tiled * 0.9))
    fixed = ways(info, "bf16", UnetWork(1080, None, True, 0, 4, may_shrink=False))
    assert fixed is not None
    assert {fit.batch for fit in fixed} == {4}


def test_asked_memory_decides_and_is_in_the_fingerprint(sd1: Path) -> None:
    def config(**asked: Any) -> ResolvedConfig:
        usual = {"model": str(sd1), "controls": (), "device": "cpu", "precision": "fp32", "offline": True}
        return resolve_config(read_settings(size=1080, **(usual | asked)))

    plain, roomy, little = config(), config(vram=24.0), config(vram=0.9)
    assert drawing_settings(plain) == drawing_settings(roomy)
    assert little.vae_pieces == "tiles"
    assert drawing_settings(little) != drawing_settings(plain)


def picture(height: int, width: int) -> Pixels:
    """Smooth shapes with some grain."""
    down, across = np.mgrid[:height, :width] / 60
    shapes = np.stack([np.sin(down + k) * np.cos(across - k) for k in range(3)], -1) / 2 + 0.5
    grain = np.random.default_rng(0).random(shapes.shape) - 0.5
    return np.clip(shapes + 0.1 * grain, 0, 1).astype(np.float32)


def test_slices_are_the_whole_and_tiles_are_where_one_is_enough(
    sd1: Path, narrow_config: ResolvedConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vae_pieces, "TILE_PX", 64)
    config = narrow_config.model_copy(update={"checkpoint": str(sd1), "controls": (), "steps": 1})
    small, large = ([picture(*size), picture(*size)[::-1]] for size in ((64, 64), (96, 128)))
    drawn = {}
    for pieces in (None, "slices", "tiles"):
        generator = DiffusionGenerator.load(config.model_copy(update={"vae_pieces": pieces}))
        drawn[pieces] = [np.stack(generator.draw(plates, [0, 1], Shot(0, 9))) for plates in (small, large)]
    for whole, sliced in zip(drawn[None], drawn["slices"], strict=True):
        assert np.abs(sliced - whole).max() <= 1e-4
    assert np.abs(drawn["tiles"][0] - drawn[None][0]).max() <= 1e-4
    assert np.abs(drawn["tiles"][1] - drawn[None][1]).max() > 1e-3  # a tile does not see the others


def test_an_autoencoder_without_a_network_is_left_as_it_is() -> None:
    from stylize.diffusion.patch import PatchAutoencoder

    vae = PatchAutoencoder()
    cut_up(vae, "tiles")
    assert torch.equal(vae.decode(torch.ones(2, 48, 4, 4)).sample, torch.ones(2, 3, 16, 16))


@pytest.mark.parametrize("attend", [None, "first"])
def test_several_devices_draw_the_film_of_one(attend: str | None, narrow_config: ResolvedConfig) -> None:
    shot, size = range(3, 14), (80, 64)
    rng = np.random.default_rng(6)
    plates = {number: rng.random((64, 80, 3), np.float32) for number in shot}
    one = narrow_config.model_copy(update={"batch": 2, "controls": (), "attend": attend, "steps": 1})
    three = one.model_copy(update={"more_devices": ("cpu", "cpu")})
    assert drawing_settings(one) == drawing_settings(three)
    films = []
    for config in (one, three):
        step = StylePass(config, "revision", size, FrameSet(shot))
        wanted = range(1, 10)
        inputs = Inputs(plates, step.reads(shot, wanted)["plate"])
        films.append(dict(step.render(shot, wanted, inputs)))
    assert list(films[0]) == list(films[1]) == [shot[at] for at in range(1, 10)]
    assert all(np.array_equal(films[0][at][0], films[1][at][0]) for at in films[0])


def test_each_device_has_a_model_of_its_own(narrow_config: ResolvedConfig) -> None:
    several = load_generator(narrow_config.model_copy(update={"more_devices": ("cpu",)}))
    assert isinstance(several, SeveralGenerators)
    assert several.parts[0] is not several.parts[1]
    other = several.with_config(several.config.model_copy(update={"seed": 9}))
    assert [part.config.seed for part in other.parts] == [9, 9]
    drawn = other.draw([picture(64, 64)], [0], Shot(0, 3))
    assert np.array_equal(drawn[0], other.parts[1].draw([picture(64, 64)], [0], Shot(0, 3))[0])


def test_devices_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [str(each) for each in choose_devices("cuda:0,cuda:2", remote=True)] == ["cuda:0", "cuda:2"]
    with pytest.raises(StylizeError, match="no CUDA device"):
        choose_devices("cuda:all")
    with pytest.raises(UsageError, match="different kinds"):
        choose_devices("cuda:0,cpu", remote=True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert [str(each) for each in choose_devices("cuda:all")] == ["cuda:0", "cuda:1", "cuda:2"]
