"""Fixtures every test may use."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = "STYLIZE_TEST_DATA"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real footage to measure against; not part of the project, so tests skip where it is absent."""
    folder = Path(os.environ.get(DATA, ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real footage at {folder}: set {DATA} to a folder that has it")
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Settings, styles and caches of whoever runs the tests are not seen, and none are changed.

    The environment is changed before anything is imported, so that it holds for every import and every process
    that a test starts.
    """
    home = Path(tempfile.mkdtemp(prefix="stylize-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("STYLIZE_") and name != DATA]:
        del os.environ[name]
    for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
        os.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_the_project() -> Iterator[None]:
    """A stylize.toml in the folder where the tests are started is not seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stylize.config.read_settings.PROJECT_FILE", Path(os.devnull) / "stylize.toml")
        yield


@pytest.fixture(autouse=True, scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's cache is neither read nor written, by subprocesses neither."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STYLIZE_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(autouse=True, scope="session")
def captured_output_stays_open() -> None:
    """absl, which tensorboard loads, logs to what standard error was then, pytest's own file, and closes it when
    AIMET sets logging up: every test after that would be an error."""
    import absl.logging

    absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__


@pytest.fixture(autouse=True)
def no_unexpected_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test that logs an error nobody expected (a test that expects one clears `caplog`)."""
    yield
    errors = [
        record
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.ERROR
    ]
    assert not errors, f"logged errors: {[record.getMessage() for record in errors]}"


@pytest.fixture(scope="session")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's narrow checkpoint, written when it is first asked for."""
    from tests.pipelines import write_pipeline  # diffusers takes a while to load

    home = tmp_path_factory.mktemp("pipelines")
    return cache(lambda name: write_pipeline(name, home / name))
