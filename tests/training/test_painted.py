"""A style from painted frames: its pairs, what its network begins with, and the pack that it ends in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from stylize import footage
from stylize.cli import main
from stylize.config.packs.find import find_style
from stylize.config.packs.folders import installed_folder
from stylize.config.settings import RunSettings
from stylize.errors import ModelError, UsageError
from stylize.footage.clip import Shot
from stylize.footage.keyframes.resolve import resolve_keys
from stylize.generators.resolve import resolve_config
from tests.keyframes.conftest import CUT, FRAMES, HEIGHT, WIDTH, clip, paint, painting, plate
from training.live.begin import begin_from_folder, begin_from_plain, bundled_weights
from training.live.crops import cut_crop
from training.live.network import SHAPES, LiveNetwork, plain_network
from training.live.painted import PaintedPairs, write_painted_pairs
from training.live.pairs import LivePair
from training.live.recipe import PaintedRecipe

__all__ = ["clip", "paint"]
SHOTS = [Shot(0, CUT), Shot(CUT, FRAMES)]


@pytest.fixture
def pairs(clip: Path, paint: Callable[..., Path], tmp_path: Path) -> Path:
    """The pairs of frame 4, painted."""
    about = footage.probe(clip)
    keys = resolve_keys(paint({"4.png": painting(4)}), about, SHOTS)
    assert write_painted_pairs(about, SHOTS, keys, tmp_path / "pairs") == 3
    return tmp_path / "pairs"


def test_a_key_is_a_pair_and_so_is_what_is_carried_from_it_within_its_shot(pairs: Path) -> None:
    names = sorted(file.name for file in (pairs / "taught").iterdir())
    assert names == ["carried-000004-000001.png", "carried-000004-000007.png", "key-000004.png"]
    assert sorted(file.name for file in (pairs / "known").iterdir()) == names
    key = PaintedPairs(pairs).first_key()
    assert np.abs(key.drawn.astype(int) - painting(4)).max() <= 1
    assert np.abs(key.after / 255 - plate(5)).mean() < 0.03


def test_what_is_carried_shows_the_frame_that_it_is_of(pairs: Path) -> None:
    learnt = PaintedPairs(pairs)
    carried, known = learnt.taught[1], learnt.known[1] > 127
    assert np.abs(carried.frame / 255 - plate(7)).mean() < 0.03
    assert known.mean() > 0.8
    truth = painting(7).astype(float)
    wrong, unmoved = (np.abs(picture - truth)[known].mean() for picture in (carried.drawn, painting(4)))
    assert wrong < 0.5 * unmoved


def test_pairs_that_are_there_are_kept(
    pairs: Path, clip: Path, paint: Callable[..., Path], tmp_path: Path
) -> None:
    marked = pairs / "taught" / "key-000004.png"
    before = marked.stat().st_mtime_ns
    about = footage.probe(clip)
    keys = resolve_keys(paint({"9.png": painting(9)}), about, SHOTS)
    assert [key.at for key in keys.files] == [4, 9]
    assert write_painted_pairs(about, SHOTS, keys, pairs) > 3
    assert marked.stat().st_mtime_ns == before


def test_pairs_of_a_key_that_was_painted_over_are_not_learnt_from(
    pairs: Path, clip: Path, paint: Callable[..., Path]
) -> None:
    about = footage.probe(clip)
    keys = resolve_keys(paint({"4.png": np.clip(painting(4) * 0.9, 0, 255)}), about, SHOTS)
    with pytest.raises(UsageError, match="keys that have changed"):
        write_painted_pairs(about, SHOTS, keys, pairs)


def test_crops_are_cut_where_the_painting_is_known() -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 255, (3, 96, 96, 3), dtype=np.uint8)
    levels[2, :, 48:] = 0
    known = np.zeros((96, 96), np.uint8)
    known[:, :48] = 255
    seen = [cut_crop(LivePair(*levels), 32, 1.0, rng, known)[2] for _ in range(12)]
    assert np.mean([float((drawn == 0).mean()) for drawn in seen]) < 0.1


@pytest.mark.parametrize("size", ["s", "m"])
def test_a_network_begins_with_what_a_live_model_draws(size: str) -> None:
    weights = bundled_weights(size)
    assert weights is not None
    torch.manual_seed(1)
    network = LiveNetwork(SHAPES[size])  # type: ignore[index]
    begin_from_plain(network, weights)
    from safetensors.torch import load_file

    bundled = plain_network(LiveNetwork(SHAPES[size]))  # type: ignore[index]
    bundled.load_state_dict(load_file(weights))
    picture = torch.rand(1, 3, 32, 48)
    torch.testing.assert_close(network(picture), bundled(picture), rtol=1e-4, atol=1e-5)
    assert any(bool(each.grad.abs().sum() > 0) for each in _after_a_step(network, picture, "edge_scales"))


def test_a_network_of_another_shape_does_not_begin_from_a_live_model() -> None:
    weights = bundled_weights("s")
    assert weights is not None
    with pytest.raises(UsageError, match="another shape"):
        begin_from_folder(LiveNetwork(SHAPES["m"]), weights.parent)


def test_a_network_does_not_begin_from_damaged_weights(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"cut off")
    with pytest.raises(ModelError, match="damaged"):
        begin_from_folder(LiveNetwork(SHAPES["m"]), tmp_path)


def _after_a_step(network: LiveNetwork, picture: torch.Tensor, name: str) -> list[torch.nn.Parameter]:
    network(picture).square().mean().backward()
    return [each for called, each in network.named_parameters() if called.endswith(name)]


def test_painted_frames_become_a_style_that_draws(
    clip: Path,
    paint: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    keys = paint({"2.png": painting(2), "5.png": painting(5)})
    words = ["train", "pairs-style", "--keyframes", keys, "--clip", clip, "--name", "mine", "--install"]
    words += ["--shots", clip.with_suffix(".csv"), "-o", tmp_path / "training"]
    words += [
        "--network",
        "s",
        "--steps",
        40,
        "--batch",
        3,
        "--rate",
        4e-3,
        "--crop",
        64,
        "--licence",
        "CC0-1.0",
    ]
    assert main([str(word) for word in words]) == 0
    assert "stylize run CLIP --style mine" in capsys.readouterr().out
    pack = find_style("mine")
    assert pack.folder == installed_folder() / "mine"
    assert (pack.style.licence, pack.style.checkpoint) == ("CC0-1.0", "live")
    assert "2 painted frames of crossing.mp4" in pack.style.sources
    assert sorted(path.name for path in (tmp_path / "training" / "sheets").iterdir()) == ["000040.jpg"]
    film = tmp_path / "film.mp4"
    run = ["run", clip, "--style", "mine", "--offline", "--size", HEIGHT, "-o", film, "--start", "8f"]
    assert main([str(word) for word in run]) == 0
    drawn = [frame.pixels for frame in footage.read_frames(footage.probe(film))]
    assert drawn[0].shape == (HEIGHT, WIDTH, 3)
    wrong, undrawn = (
        np.mean([np.abs(shown(at) - painting(at) / 255).mean() for at in range(8, FRAMES)])
        for shown in (lambda at: drawn[at - 8], plate)
    )
    assert wrong < 0.8 * undrawn, "a shot that nobody painted is drawn towards its painting"
    assert resolve_config(RunSettings(style="mine")).runtime == "live"


def test_a_name_that_is_taken_is_refused_before_anything_is_learnt(
    clip: Path, paint: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "pairs-style", "--keyframes", paint({"2.png": painting(2)}), "--clip", clip]
    assert main([str(word) for word in [*words, "--name", "anime", "-o", tmp_path / "t"]]) == 2
    assert "comes with the program" in capsys.readouterr().err
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("name", ["pairs", "sheets", "state.pt"])
def test_a_name_that_the_training_uses_itself_is_refused(
    clip: Path, paint: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    words = ["train", "pairs-style", "--keyframes", paint({"2.png": painting(2)}), "--clip", clip]
    assert main([str(word) for word in [*words, "--name", name, "-o", tmp_path / "t"]]) == 2
    assert "cannot be called so" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "t").exists()


def test_a_recipe_for_painted_frames_shows_no_rendered_scenes() -> None:
    assert PaintedRecipe().rendered_share == 0


def test_a_folder_that_is_no_pack_is_not_replaced(
    clip: Path, paint: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = paint({"2.png": painting(2)})
    before = sorted(file.name for file in keys.iterdir())
    words = [
        "train",
        "pairs-style",
        "--keyframes",
        keys,
        "--clip",
        clip,
        "--name",
        keys.name,
        "-o",
        keys.parent,
    ]
    assert main([str(word) for word in words]) == 2
    assert "no pack of an earlier training" in " ".join(capsys.readouterr().err.split())
    assert sorted(file.name for file in keys.iterdir()) == before


def test_what_a_live_training_cannot_begin_from_is_refused_before_frames_are_drawn(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = bundled_weights("m")
    assert weights is not None
    words = ["train", "live", "--network", "s", "--footage", clip, "-o", tmp_path / "t"]
    assert main([str(word) for word in [*words, "--begin-from", weights.parent]]) == 2
    assert "another shape" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "t").exists()
