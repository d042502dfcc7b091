"""Training a LoRA in a few tiny steps: it can be repeated, resumes after a kill, and loads in plain diffusers."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import training
from stylize.cli import main
from stylize.config.packs.find import find_style
from stylize.diffusion.checkpoint import load_checkpoint
from stylize.diffusion.lora import load_loras
from stylize.diffusion.prompts.encode import tokenize
from stylize.errors import UsageError
from tests.narrow import write_narrow_checkpoint
from tests.training.drawings import draw_shapes, write_drawings
from training.base.recipe import BaseRecipe
from training.lora.adapter import add_adapter, targets_of
from training.lora.base_model import load_base_model
from training.lora.denoiser import Denoiser
from training.lora.objective import _prior_loss
from training.lora.progress import Listener, TrainingResult
from training.lora.recipe import PackInfo, StyleRecipe
from training.lora.style_pack import write_pack
from training.lora.texture_loss import softened, texture_loss
from training.lora.train import train_by_recipe
from training.state_file import resumed_state, write_state

SMALL: dict[str, Any] = {
    "name": "blue",
    "steps": 3,
    "batch": 2,
    "resolution": 64,
    "short_side": 96,
    "rank": 4,
    "warmup": 1,
    "precision": "fp32",
    "threads": 1,
    "keep_every": 2,
    "sheet_every": 1000,
    "device": "cpu",
}


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawings(tmp_path_factory.mktemp("drawings"), 5)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_narrow_checkpoint(tmp_path_factory.mktemp("narrow"))


def learn(drawings: Path, out: Path, **changes: Any) -> TrainingResult:
    return train_by_recipe(StyleRecipe.of(drawings=drawings, **{**SMALL, **changes}), out)


@pytest.fixture(scope="module")
def trained(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    return learn(drawings, tmp_path_factory.mktemp("whole"))


def weights_of(pack: Path) -> dict[str, torch.Tensor]:
    return load_file(pack / "LoRA.safetensors")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_it_leaves_a_pack_a_recipe_sheets_and_a_log(trained: TrainingResult) -> None:
    out = trained.folder.parent
    style = find_style(str(trained.folder)).style
    assert style.trigger == "blue"
    assert style.prompt.endswith("blue")
    assert style.loras[0].file == "LoRA.safetensors"
    assert (trained.folder / style.cover).is_file()
    assert (out / "contact.jpg").stat().st_size > 1000
    assert list((out / "sheets").glob("*.jpg"))
    assert list((out / "log").glob("events*"))
    weights = weights_of(trained.folder)
    assert any(value.abs().max() > 0 for name, value in weights.items() if ".lora_B." in name)
    assert any("resnets" in name for name in weights)  # little attention: the convolutions learn too
    assert trained.weights_bytes < 2_000_000


def test_a_base_style_s_own_lora_is_not_in_the_pack(trained: TrainingResult, tmp_path: Path) -> None:
    """The training does not load it, and the new one, of the same file name, would be drawn with twice."""
    base = find_style(str(trained.folder))
    style = base.style.model_copy(update={"embeddings": ("words.safetensors",)})
    recipe = StyleRecipe.of(drawings=tmp_path, **SMALL)
    model: Any = SimpleNamespace(pack=base.model_copy(update={"style": style}))
    write_pack(tmp_path / "new", recipe, model, "a", 5, np.zeros((64, 64, 3), np.float32))
    written = find_style(str(tmp_path / "new")).style
    assert [(lora.file, lora.weight) for lora in written.loras] == [("LoRA.safetensors", 1.0)]
    assert written.embeddings == ()


def test_the_recipe_that_it_leaves_repeats_it(trained: TrainingResult, tmp_path: Path) -> None:
    again = train_by_recipe(StyleRecipe.read(trained.folder.parent / "recipe.toml"), tmp_path)
    assert same(weights_of(trained.folder), weights_of(again.folder))


def test_another_recipe_does_not_go_on_with_this_state(drawings: Path, trained: TrainingResult) -> None:
    with pytest.raises(UsageError, match="another recipe: rank"):
        learn(drawings, trained.folder.parent, rank=2)


def test_other_drawings_do_not_go_on_with_this_state(drawings: Path, tmp_path: Path) -> None:
    """They would end in the weights that the first ones were learnt with, and be counted."""
    here, out = tmp_path / "moved", tmp_path / "out"
    shutil.copytree(drawings, here)
    learn(drawings, out, steps=1)
    assert learn(here, out, steps=1).drawings == 5
    cv2.imwrite(str(here / "one_more.png"), draw_shapes(9, 128, 128)[1])
    with pytest.raises(UsageError, match="other drawings"):
        learn(here, out, steps=1)


DIES_AT_STEP_5 = """
import json, os, signal, sys
from pathlib import Path
from training.lora.recipe import StyleRecipe
from training.lora.progress import Listener, TrainingStep
from training.lora.train import train_by_recipe

def tell(step: TrainingStep) -> None:
    if step.number == 5:
        os.kill(os.getpid(), signal.SIGKILL)

train_by_recipe(StyleRecipe.of(**json.loads(sys.argv[1])), Path(sys.argv[2]), Listener(tell))
"""


@pytest.mark.parametrize("kept", [0, 100, 0.5, -8])
def test_a_damaged_state_is_said_and_counts_as_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: float
) -> None:
    path = tmp_path / "state.pt"
    write_state(path, {"step": 3, "weights": [torch.ones(500)]})
    state = resumed_state(path)
    assert state is not None
    assert state["step"] == 3
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    assert resumed_state(path) is None
    assert "damaged" in caplog.text
    flipped = bytearray(whole)
    flipped[whole.index(torch.ones(500).numpy().tobytes()) + 40] ^= 4
    path.write_bytes(flipped)
    assert resumed_state(path) is None


def test_killed_and_resumed_it_ends_in_the_same_weights(drawings: Path, tmp_path: Path) -> None:
    """kill -9 in another process, a step after the last state was kept."""
    facts = json.dumps({**SMALL, "drawings": str(drawings), "steps": 8})
    killed = subprocess.run([sys.executable, "-c", DIES_AT_STEP_5, facts, str(tmp_path / "killed")])
    assert killed.returncode == -signal.SIGKILL
    assert torch.load(tmp_path / "killed" / "state.pt", weights_only=True)["step"] == 4
    assert not (tmp_path / "killed" / "blue").exists()
    whole, resumed = (learn(drawings, tmp_path / name, steps=8) for name in ("whole", "killed"))
    assert same(weights_of(whole.folder), weights_of(resumed.folder))


def test_it_loads_in_plain_diffusers_and_draws_alike(trained: TrainingResult) -> None:
    from diffusers import StableDiffusionPipeline

    import stylize.diffusion.patch  # noqa: F401  (the bundled checkpoint's autoencoder)
    from stylize.diffusion.checkpoint import locate

    pipe = StableDiffusionPipeline.from_pretrained(locate("mini"), dtype=torch.float32, safety_checker=None)
    pipe.load_lora_weights(trained.folder, weight_name="LoRA.safetensors")
    pipe.fuse_lora()
    ours = load_checkpoint("mini", torch.device("cpu"), torch.float32)
    plain = ours.unet.state_dict()["conv_in.weight"].clone()
    load_loras(ours, [(str(trained.folder / "LoRA.safetensors"), 1.0)])
    own = ours.unet.state_dict()
    theirs = {name.replace(".base_layer", ""): value for name, value in pipe.unet.state_dict().items()}
    assert not torch.equal(own["conv_in.weight"], plain)
    for name, value in own.items():
        torch.testing.assert_close(theirs[name], value, atol=1e-6, rtol=1e-5)


def test_sd15s_shape_learns_noise_with_everything_on(drawings: Path, narrow: Path, tmp_path: Path) -> None:
    """The text encoder, the prior, Min-SNR, offset noise, accumulation, checkpointing, half weights."""
    losses: list[float] = []
    recipe = StyleRecipe.of(
        drawings=drawings, **{**SMALL, "steps": 2}, model=str(narrow), text_rank=2, prior=0.5, offset_noise=0.1,
        accumulate=2, gradient_checkpointing=True, weights="bf16", kind="subject",
    )  # fmt: skip
    recipe = recipe.model_copy(update={"precision": "bf16"})
    trained = train_by_recipe(recipe, tmp_path, Listener(lambda step: losses.append(step.loss)))
    weights = weights_of(trained.folder)
    assert np.isfinite(losses).all()
    assert any(name.startswith("text_encoder.text_model.") for name in weights)
    assert not any("resnets" in name for name in weights)  # attention is everywhere: it learns there
    checkpoint = load_checkpoint(str(narrow), torch.device("cpu"), torch.float32)
    before = {name: value.clone() for name, value in checkpoint.text_encoder.state_dict().items()}
    load_loras(checkpoint, [(str(trained.folder / "LoRA.safetensors"), 1.0)])
    after = checkpoint.text_encoder.state_dict()
    assert any(not torch.equal(after[name], value) for name, value in before.items())


def test_the_prior_is_the_checkpoint_without_either_lora(narrow: Path) -> None:
    """A text encoder that was trained along would drift, were the prior what it says itself."""
    recipe = StyleRecipe.of(drawings=narrow, model=str(narrow), control=False, text_rank=2, name="blue")
    base = load_base_model(recipe, torch.device("cpu"))
    checkpoint = base.checkpoint
    add_adapter(checkpoint.unet, checkpoint.text_encoder, recipe)
    denoiser = Denoiser(base)
    noisy, timesteps = torch.rand(1, 4, 8, 8), torch.tensor([500])
    ids = tokenize(checkpoint.tokenizer, ["a drawing"])
    losses = []
    for value in (0.0, 1.0):
        for name, weight in checkpoint.text_encoder.named_parameters():
            if ".lora_B." in name:
                torch.nn.init.constant_(weight, value)
        losses.append(float(_prior_loss(denoiser, denoiser, noisy, timesteps, ids, []).detach()))
    assert losses[0] == 0
    assert losses[1] > 1e-8


def test_what_it_learns_moves_frames_towards_the_drawings(drawings: Path, tmp_path: Path) -> None:
    """Thirty steps are enough to turn photographs of any colour to the drawings' blue."""
    trained = learn(drawings, tmp_path, steps=30, rate=1e-2, ema=0.8, rank=8, sheet_every=30, texture=0.2)
    photo, _ = draw_shapes(77, 96, 96)
    blue = {}
    for weight in (0.0, 0.5, 1.0):
        drawn = draw_with(trained.folder, weight, photo.astype(np.float32) / 255)
        blue[weight] = float((drawn[..., 2] - drawn[..., 0]).mean())
    assert blue[0.0] + 0.01 < blue[0.5] < blue[1.0]
    np.testing.assert_array_equal(
        draw_with(trained.folder, 0.0, photo.astype(np.float32) / 255),
        draw_with(None, 1.0, photo.astype(np.float32) / 255, find_style(str(trained.folder)).style.prompt),
    )


def draw_with(pack: Path | None, weight: float, plate: np.ndarray, prompt: str | None = None) -> np.ndarray:
    from stylize.config.read_settings import read_settings
    from stylize.diffusion.generator import DiffusionGenerator
    from stylize.footage.clip import Shot
    from stylize.generators.resolve import resolve_config

    style = "anime" if pack is None else f"{pack}:{weight}"
    settings = read_settings(style=style, device="cpu", precision="fp32", steps=1, prompt=prompt)
    return DiffusionGenerator.load(resolve_config(settings)).draw([plate], [0], Shot(0, 1))[0]


@pytest.mark.parametrize("model", ["mini", "narrow"])
def test_a_controlnet_learns_a_new_condition(
    model: str, drawings: Path, narrow: Path, tmp_path: Path
) -> None:
    """From a ControlNet for another condition, or beside a checkpoint that brings none."""
    place = narrow if model == "narrow" else Path("mini")
    out, words = tmp_path / "out", ["--steps", "2", "--batch", "2", "--resolution", "64", "--device", "cpu"]
    command = ["train", "controlnet", str(drawings), "--condition", "canny", "--model", str(place), *words]
    assert main([*command, "-o", str(out)]) == 0
    photo, _ = draw_shapes(77, 96, 96)
    plate = photo.astype(np.float32) / 255
    drawn = {
        control: draw_with_controlnet(str(place), control, plate)
        for control in (f"canny@{out / 'canny'}", None)
    }
    assert np.isfinite(drawn[None]).all()
    assert not np.array_equal(*drawn.values())


def draw_with_controlnet(model: str, control: str | None, plate: np.ndarray) -> np.ndarray:
    from stylize.cli.weighted_names import read_controls
    from stylize.config.read_settings import read_settings
    from stylize.diffusion.generator import DiffusionGenerator
    from stylize.footage.clip import Shot
    from stylize.generators.resolve import resolve_config

    words = {
        "style": "anime",
        "model": model,
        "controls": read_controls([control or "none"]),
        "device": "cpu",
        "precision": "fp32",
    }
    config = resolve_config(read_settings(**words, steps=1))
    return DiffusionGenerator.load(config).draw([plate], [0], Shot(0, 1))[0]


def test_texture_loss_depends_on_the_grain_and_not_on_its_place() -> None:
    torch.manual_seed(0)
    stripes = torch.sign(torch.sin(torch.arange(96) * 1.6)).expand(1, 3, 96, 96) * 0.5
    shifted = stripes.roll(2, dims=-1)
    other = {"flat": torch.zeros(1, 3, 96, 96), "turned": stripes.transpose(2, 3), "weak": 0.4 * stripes}
    near = float(texture_loss(shifted, stripes))
    assert near < 0.02
    for picture in other.values():
        assert float(texture_loss(picture, stripes)) > 10 * near


def test_texture_loss_depends_on_colours_too() -> None:
    torch.manual_seed(0)
    red, blue = 0.2 * torch.randn(2, 1, 1, 64, 64)
    grains = torch.cat([red, -(0.299 * red + 0.114 * blue) / 0.587, blue], dim=1)  # of one luma all over
    grey = torch.zeros_like(grains)
    assert float(texture_loss(grains, grey)) > 0.03


def test_softened_keeps_tones_and_drops_fine_strokes() -> None:
    strokes = torch.sign(torch.sin(torch.arange(96) * 2.1)).expand(1, 3, 96, 96) * 0.5 + 0.2
    assert torch.equal(softened(strokes, 0.0), strokes)
    soft = softened(strokes, 1.5)
    assert soft.shape == strokes.shape
    assert float(soft.std()) < 0.05 < float(strokes.std())
    torch.testing.assert_close(soft.mean(), strokes.mean(), atol=0.01, rtol=0)


def test_targets_by_group_and_by_name(narrow: Path) -> None:
    unet = load_checkpoint(str(narrow), torch.device("cpu"), torch.float32).unet
    assert targets_of(unet, ("auto",)) == ["to_q", "to_k", "to_v", "to_out.0"]
    assert "conv1" in targets_of(unet, ("attention", "convolutions"))
    assert targets_of(unet, ("to_q",)) == ["to_q"]
    with pytest.raises(UsageError, match="to_qq"):
        targets_of(unet, ("to_q", "to_qq"))


@pytest.mark.parametrize("text", ["steps = 'many'", "nmae = 'x'", "name = 'No Such Name'", "a = = b"])
def test_a_recipe_that_is_not_valid(text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(f"drawings = '.'\n{text}\n")
    with pytest.raises(UsageError):
        StyleRecipe.read(file, name=None if "name" in text else "ink")


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "style", str(tmp_path)]) == 2
    assert "--name" in capsys.readouterr().err
    assert main(["train", "style", str(tmp_path), "--name", "ink", "-o", str(tmp_path / "out")]) == 2
    assert "no picture" in capsys.readouterr().err


def test_a_name_that_cannot_be_installed_is_refused_before_anything_is_learnt(
    drawings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "style", str(drawings), "--name", "anime", "--steps", "1", "-o", str(tmp_path / "out")]
    assert main([*words, "--install"]) == 2
    assert "comes with the program" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_call_trains_a_style(drawings: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    settings = {key: value for key, value in SMALL.items() if key != "name"}
    listener = training.Listener(note=notes.append)
    trained = training.train_style(drawings, name="ink", out=tmp_path, listener=listener, **settings)
    assert trained.folder == tmp_path / "ink"
    assert (trained.steps, trained.drawings) == (3, 5)
    assert trained.weights_bytes == (trained.folder / "LoRA.safetensors").stat().st_size
    assert any("5 drawings are few" in note for note in notes)
    again = training.train_style(recipe=tmp_path / "recipe.toml", out=tmp_path / "again", steps=2)
    assert (again.folder, again.steps) == (tmp_path / "again" / "ink", 2)


def test_one_call_says_what_is_missing_or_unknown(drawings: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name is missing"):
        training.train_style(drawings)
    with pytest.raises(UsageError, match="stepps"):
        training.train_style(drawings, name="ink", out=tmp_path, stepps=3)
    recipe = training.StyleRecipe.of(name="ink", drawings=drawings)
    with pytest.raises(UsageError, match="rank"):
        training.train_style(recipe=recipe, out=tmp_path, rank=0)


def test_importing_training_and_its_recipes_loads_neither_torch_nor_opencv() -> None:
    code = "import sys, training; training.train_style, training.StyleRecipe; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "cv2"} & {*done.stdout.split()}


def test_every_setting_of_a_recipe_is_described() -> None:
    """The command line's help is made from the descriptions."""
    for model in (training.StyleRecipe, PackInfo, BaseRecipe):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            assert not field.description.endswith("."), f"{model.__name__}.{name}"
