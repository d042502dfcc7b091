"""The base training in a few tiny steps: it can be repeated and resumed, and its checkpoint is exported."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import stylize
from stylize.cli import main
from stylize.errors import ModelError, UsageError
from training.base import critic
from training.base.drawing_model import DrawingModel
from training.base.networks import Architecture
from training.base.real_pairs import write_real_pairs
from training.base.recipe import BaseRecipe
from training.base.rendered_pairs import write_rendered_pairs
from training.base.start import begin_from
from training.base.state import STATE_FILE, read_averages
from training.base.train import train

RECIPE = {"steps": 3, "batch": 2, "size": 64, "checkpoint_every": 2, "sheet_every": 2, "warmup": 1}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pairs")
    write_rendered_pairs(folder / "rendered", 4, 72)
    noise = np.random.default_rng(0).random((80, 96, 3), np.float32)
    write_real_pairs(iter([cv2.GaussianBlur(noise, (0, 0), 3.0)]), folder / "real")
    return folder / "rendered", folder / "real"


def learn(pairs: tuple[Path, Path], out: Path, start: Path | None = None, **changes: object) -> DrawingModel:
    recipe = BaseRecipe(**{**RECIPE, **changes})
    return train(recipe, Architecture(), *pairs, out, lambda step: None, start)


def weights(model: DrawingModel) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


@pytest.fixture(scope="module")
def whole(pairs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, torch.Tensor]:
    out = tmp_path_factory.mktemp("whole")
    return out, weights(learn(pairs, out))


class Stop(Exception):
    pass


def learn_until_stopped(pairs: tuple[Path, Path], out: Path, **changes: object) -> None:
    def stop(step: object) -> None:
        if getattr(step, "number", 0) == 3:
            raise Stop

    with pytest.raises(Stop):
        train(BaseRecipe(**{**RECIPE, **changes}), Architecture(), *pairs, out, stop)


def test_a_training_that_was_stopped_ends_as_one_that_was_not(
    pairs: tuple[Path, Path], whole: tuple[Path, torch.Tensor], tmp_path: Path
) -> None:
    learn_until_stopped(pairs, tmp_path)
    assert torch.equal(weights(learn(pairs, tmp_path)), whole[1])


def test_a_critic_is_stopped_and_goes_on_too(
    pairs: tuple[Path, Path],
    whole: tuple[Path, torch.Tensor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(critic, "WARMUP", 1)
    once = weights(learn(pairs, tmp_path / "once", critic_weight=0.1))
    learn_until_stopped(pairs, tmp_path / "twice", critic_weight=0.1)
    assert torch.equal(weights(learn(pairs, tmp_path / "twice", critic_weight=0.1)), once)
    assert not torch.equal(once, whole[1])


def test_sheets_show_how_far_it_is(whole: tuple[Path, torch.Tensor]) -> None:
    sheets = sorted((whole[0] / "sheets").glob("*.jpg"))
    assert [sheet.stem for sheet in sheets] == ["000002", "000003"]
    assert cv2.imread(str(sheets[0])).shape == (3 * 64, 2 * 64, 3)


def test_another_recipe_does_not_go_on_with_this_state(
    pairs: tuple[Path, Path], whole: tuple[Path, torch.Tensor]
) -> None:
    with pytest.raises(UsageError, match="another recipe: rate was different"):
        learn(pairs, whole[0], rate=5e-4)


def test_lineart_learns_beside_a_unet_that_stays(
    pairs: tuple[Path, Path], whole: tuple[Path, torch.Tensor], tmp_path: Path
) -> None:
    begun = read_averages(whole[0] / STATE_FILE).weights
    model = learn(pairs, tmp_path, whole[0], condition="lineart")
    now = model.state_dict()
    assert all(
        torch.equal(now[name], begun[name]) for name in now if name.startswith(("unet", "text_encoder"))
    )
    assert any(not torch.equal(now[name], begun[name]) for name in now if name.startswith("controlnet"))


def test_a_training_begins_from_a_checkpoint(
    pairs: tuple[Path, Path], whole: tuple[Path, torch.Tensor], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint"
    assert main(["train", "checkpoint", str(whole[0]), "-o", str(checkpoint)]) == 0
    model = DrawingModel(Architecture())
    begin_from(model, checkpoint, "tile")
    assert torch.allclose(weights(model), whole[1], atol=2e-3, rtol=2e-3)
    assert main(["train", "checkpoint", str(checkpoint), "-o", str(tmp_path / "none")]) == 2
    learn(pairs, tmp_path / "on", checkpoint, steps=1, step_weight=0.1, edges_from=1.0)


def test_what_is_no_beginning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither a training nor a checkpoint"):
        begin_from(DrawingModel(Architecture()), tmp_path, "tile")
    narrow = Architecture(channels=(24, 24, 24, 64))
    bundled = Path(stylize.__file__).parent / "models" / "mini"
    with pytest.raises(ModelError, match="does not fit"):
        begin_from(DrawingModel(narrow), bundled, "tile")


def test_the_command_line_prepares_trains_and_exports(
    pairs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("".join(f"{key} = {value}\n" for key, value in {**RECIPE, "steps": 1}.items()))
    assert main(["train", "pairs", "rendered", str(tmp_path / "more"), "--count", "1", "--size", "64"]) == 0
    assert (tmp_path / "more" / "000000.png").exists()
    folders = ["--rendered", str(pairs[0]), "--real", str(pairs[1])]
    command = ["train", "base", "--config", str(recipe), *folders, "-o", str(tmp_path / "run")]
    assert main([*command, "--export", str(tmp_path / "model")]) == 0
    assert (tmp_path / "model" / "controlnet" / "tile" / "diffusion_pytorch_model.safetensors").exists()
    assert "MB of weights" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["steps = 'many'", "steps = 3\nstride = 2", "steps = = 3"])
def test_a_recipe_that_is_not_valid(text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(text)
    with pytest.raises(UsageError):
        BaseRecipe.read(file)


def test_lineart_without_a_start_says_what_is_missing(
    pairs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('condition = "lineart"\nsteps = 1\n')
    folders = ["--rendered", str(pairs[0]), "--real", str(pairs[1])]
    assert main(["train", "base", "--config", str(recipe), *folders, "-o", str(tmp_path / "run")]) == 2
    assert "--start" in capsys.readouterr().err
