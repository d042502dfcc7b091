"""Fixtures every test may use."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real footage to measure against; not part of the project, so tests skip where it is absent."""
    folder = Path(os.environ.get("STYLIZE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real footage at {folder}: set STYLIZE_TEST_DATA to a folder that has it")
    return folder


@pytest.fixture(autouse=True, scope="session")
def no_styles_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Styles that whoever runs the tests has installed are not seen, and none are installed for them."""
    home = tmp_path_factory.mktemp("installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stylize.config.style.installed_folder", lambda: home)
        patch.setattr("stylize.config.packs.install.installed_folder", lambda: home)
        yield


@pytest.fixture(autouse=True, scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's cache is neither read nor written, by subprocesses neither."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STYLIZE_CACHE_DIR", str(folder))
        yield folder


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
