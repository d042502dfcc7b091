"""Options that are built from models: every field has one, and each says what the model says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer
from pydantic import BaseModel, Field
from typer.testing import CliRunner

from stylize.cli.app import Program, app
from stylize.cli.command import Commands
from stylize.cli.model_options import ModelOptions, Spelling
from stylize.cli.terminal import Terminal
from stylize.comp.scene import KeyTable, read_scene
from stylize.config import old_names
from stylize.config.settings import RunSettings
from stylize.jobs.naming import ENDINGS

from .conftest import Studio, Typed


@pytest.fixture(autouse=True)
def nothing_said_yet() -> None:
    old_names.warn_renamed.cache_clear()


def options_of(*words: str) -> dict[str, Any]:
    """The options of a command, by their longest flag without its dashes."""
    program = typer.main.get_command(app)
    assert isinstance(program, Program)
    found: Any = program.load(words[0])
    for word in words[1:]:
        found = found.commands[word]
    return {max(param.opts, key=len).lstrip("-"): param for param in found.params}


FLAGS = {
    "controls": "control",
    "loras": "lora",
    "embeddings": "embedding",
    "references": "reference",
    "styles_dirs": "styles-dir",
}


@pytest.mark.parametrize("name", RunSettings.model_fields)
def test_every_setting_of_a_run_is_an_option_and_says_the_same(name: str) -> None:
    found = options_of("run")[FLAGS.get(name, name.replace("_", "-"))]
    description = RunSettings.model_fields[name].description
    assert description
    assert found.help.startswith(description)
    assert found.default is None, "a default would come before the environment and the files"
    assert found.rich_help_panel


@pytest.mark.parametrize("name", sorted(KeyTable.model_fields.keys() - {"ground"}))
def test_every_setting_of_a_key_is_an_option(name: str) -> None:
    assert options_of("key")[name.replace("_", "-")].help.startswith(KeyTable.model_fields[name].description)


def test_every_setting_of_a_training_is_an_option() -> None:
    from training.lora.recipe import StyleRecipe

    flags = {"targets": "target", "caption": "caption-form", "captions": "caption"}
    here = options_of("train", "style")
    for name in StyleRecipe.model_fields.keys() - {"drawings", "condition", "pack"}:
        assert flags.get(name, name.replace("_", "-")) in here, name


def test_bounds_choices_and_defaults_are_the_models() -> None:
    here = options_of("run")
    assert here["strength"].metavar == "<0..1>"
    assert here["size"].metavar == "<64..4096>"
    assert here["seed"].help.endswith("; default: 0")
    assert here["style"].help.endswith("; default: anime")
    assert set(here["format"].type_descriptor.choices) == set(ENDINGS)


def test_terminal_options_stand_in_every_command() -> None:
    for words in (("run",), ("farm", "status"), ("styles", "list"), ("train", "style"), ("edge", "report")):
        assert {"json", "quiet", "verbose", "no-progress", "log-file", "debug"} <= options_of(*words).keys()


class Cake(BaseModel):
    layers: int = Field(2, ge=1, le=5, description="how high it is")
    icing: Literal["sugar", "cream"] | None = Field(None, description="what is on it")
    candles: tuple[str, ...] = Field((), description="their colours")
    nuts: bool = Field(False, description="whether there are nuts in it")


@pytest.fixture
def bake() -> Any:
    """A command that remembers what it is given."""
    given: dict[str, Any] = {}
    options = ModelOptions(
        Cake,
        {"Cake": tuple(Cake.model_fields)},
        dict,
        {"candles": Spelling("--candle"), "layers": Spelling(old=("--floors",), read=lambda n: n * 10)},
    )

    def bake(terminal: Terminal, cake: dict[str, Any], oven: str = "gas") -> None:
        """Bake a cake."""
        given.clear()
        given.update(cake=cake, oven=oven, terminal=terminal)

    bake.__annotations__["cake"] = Annotated[dict[str, Any], options]
    bakery = Commands("Cakes.")
    bakery.add("bake", bake)

    def run(*words: str) -> dict[str, Any]:
        with Terminal() as terminal:
            result = CliRunner().invoke(bakery, list(words), obj=terminal)
        assert result.exit_code == 0, result.output
        return {**given, "output": result.output}

    return run


def test_what_is_not_given_is_left_out(bake: Any) -> None:
    assert bake()["cake"] == {}
    assert bake()["oven"] == "gas"


def test_what_is_given_is_read(bake: Any) -> None:
    given = bake(
        "--layers", "3", "--candle", "red", "--candle", "blue", "--no-nuts", "--icing", "cream", "-q"
    )
    assert given["cake"] == {"layers": 30, "candles": ["red", "blue"], "nuts": False, "icing": "cream"}
    assert given["terminal"].quiet


def test_help_is_the_models(bake: Any) -> None:
    shown = bake("--help")["output"]
    assert "how high it is; default: 2" in shown
    assert "<1..5>" in shown
    assert "<bool>" not in shown
    assert "--floors" not in shown


def test_an_old_flag_works_and_is_said_once(bake: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert bake("--floors", "4")["cake"] == {"layers": 40}
    assert bake("--floors", "4", "--layers", "1")["cake"] == {"layers": 10}
    assert caplog.messages == ["--floors is called --layers now; the old name still works."]


def test_the_old_flags_of_the_deflicker(typed: Typed, studio: Studio, clip: Path) -> None:
    said = typed("run", clip, "--steady", "0.5")
    assert studio.settings.deflicker == 0.5
    assert said.err.startswith("warning: --steady is called --deflicker now; the old name still works.\n")
    assert "--steady" not in typed("run", clip, "--steady", "0.5", "-y").err


def test_the_old_flags_of_steady_and_key(typed: Typed, clip: Path) -> None:
    said = typed("steady", clip, "--source", clip, "--strength", "2")
    assert "--strength is called --deflicker now" in said.err
    assert "The setting 'deflicker' cannot be 2.0" in said.err
    said = typed("key", clip, "--steady", "2", "-o", "x.png")
    assert "--steady is called --edge-smoothing now" in said.err
    assert "The setting 'edge_smoothing' cannot be 2.0" in said.err


def test_the_old_name_in_a_scene_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scene = tmp_path / "scene.toml"
    scene.write_text("[key]\nsteady = 0.5\n")
    assert read_scene(scene).key.edge_smoothing == 0.5
    assert caplog.messages == ["'steady' is called 'edge_smoothing' now; the old name still works."]
