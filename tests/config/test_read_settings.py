"""Where settings come from, which of them counts, and what is said of those that are wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from stylize.config import old_names
from stylize.config.packs.folders import installed_folder
from stylize.config.read_settings import OLD_NAMES, read_settings, user_file
from stylize.config.settings import RunSettings
from stylize.errors import UsageError


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings, and a user without any."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("stylize.config.read_settings.PROJECT_FILE", Path("stylize.toml"))
    old_names.warn_renamed.cache_clear()
    return tmp_path


def write_user_file(text: str) -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text(text)


def test_each_place_comes_before_those_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    write_user_file("steps = 1\nseed = 1\nbatch = 1\nsize = 100\n")
    Path("stylize.toml").write_text("steps = 2\nseed = 2\nbatch = 2\n")
    monkeypatch.setenv("STYLIZE_STEPS", "3")
    monkeypatch.setenv("STYLIZE_SEED", "3")
    found = read_settings(steps=4, seed=None)
    assert (found.steps, found.seed, found.batch, found.size) == (4, 3, 2, 100)


def test_settings_of_python_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write_user_file("steps = 1\n")
    Path("stylize.toml").write_text("steps = 2\n")
    monkeypatch.setenv("STYLIZE_STEPS", "3")
    assert RunSettings().steps is None
    assert RunSettings(steps=5).steps == 5


def test_variables_are_read_as_what_the_setting_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLIZE_CONTROLS", '[{"condition": "canny", "weight": 0.5}]')
    monkeypatch.setenv("STYLIZE_STYLES_DIRS", '["a", "b"]')
    monkeypatch.setenv("STYLIZE_AUDIO", "false")
    monkeypatch.setenv("STYLIZE_STRENGTH", "0.5")
    monkeypatch.setenv("STYLIZE_PROMPT", "")
    found = read_settings()
    assert found.controls is not None
    assert (found.controls[0].condition, found.controls[0].weight) == ("canny", 0.5)
    assert found.styles_dirs == (Path("a"), Path("b"))
    assert (found.audio, found.strength, found.prompt) == (False, 0.5, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stepz = 1\n", "There is no setting called 'stepz'."),
        ("steps = 0\n", "The setting 'steps' cannot be 0: input should be greater than or equal to 1."),
        ("steps = \n", "A settings file is not TOML"),
        (
            "keys = 0\n",
            "The setting 'keys' cannot be 0: input should be 'auto', or greater than or equal to 1.",
        ),
        (
            "[faces]\nnarrowest = 2\n",
            "The setting 'faces.narrowest' cannot be 2: input should be greater than or equal to 8.",
        ),
        ("[faces]\nnarow = 2\n", "There is no setting called 'faces.narow'."),
        ("faces = 3\n", "The setting 'faces' cannot be 3: input should be 'auto' or 'off', or "),
        (
            "[[controls]]\ncondition = 'tile'\nstart = 0.8\nend = 0.2\n",
            "The setting 'controls.0' cannot be {'condition': 'tile', 'start': 0.8, 'end': 0.2}: it would never",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_the_file(text: str, told: str) -> None:
    Path("stylize.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_settings()
    assert caught.value.what.startswith(told)
    assert caught.value.where == "stylize.toml"


@pytest.mark.parametrize(("name", "value"), [("STYLIZE_STEPS", "many"), ("STYLIZE_LORAS", "[")])
def test_what_is_wrong_in_a_variable_is_said_with_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        read_settings()
    assert caught.value.where == name


def test_old_names_still_work_and_are_said_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert OLD_NAMES == {"steady": "deflicker"}
    Path("stylize.toml").write_text("steady = 0.25\n")
    assert [read_settings().deflicker for _ in range(2)] == [0.25, 0.25]
    assert caplog.messages == ["'steady' is called 'deflicker' now; the old name still works."]
    assert caplog.records[0].levelno == logging.WARNING
    monkeypatch.setenv("STYLIZE_STEADY", "0.5")
    assert read_settings().deflicker == 0.5
    assert caplog.messages[1:] == [
        "STYLIZE_STEADY is called STYLIZE_DEFLICKER now; the old name still works."
    ]
    monkeypatch.setenv("STYLIZE_DEFLICKER", "0.75")
    assert read_settings().deflicker == 0.75
    assert read_settings(steady=0.1).deflicker == 0.1
    assert read_settings(steady=0.1, deflicker=0.2).deflicker == 0.2


def test_nothing_of_whoever_runs_the_tests_is_seen() -> None:
    home = Path.home()
    for place in (user_file(), installed_folder()):
        assert not place.is_relative_to(home / ".config")
        assert not place.is_relative_to(home / ".local")
