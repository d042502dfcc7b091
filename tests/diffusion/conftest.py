from __future__ import annotations

import socket
from pathlib import Path

import pytest

from stylize.config.resolved import ResolvedConfig
from stylize.config.style import Control, Finish
from tests.narrow import write_narrow_checkpoint


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that is opened fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with SD 1.5's architecture, narrow, random."""
    return write_narrow_checkpoint(tmp_path_factory.mktemp("narrow"))


@pytest.fixture(scope="session")
def narrow_config(narrow: Path) -> ResolvedConfig:
    return ResolvedConfig(
        style="narrow",
        checkpoint=str(narrow),
        prompt="anime",
        negative_prompt="",
        strength=0.5,
        guidance=1.0,
        steps=4,
        clip_skip=0,
        scheduler="ddim",
        noise="fixed",
        size=64,
        controls=(Control(condition="tile"),),
        loras=(),
        finish=Finish(),
        seed=7,
        deflicker=1.0,
        batch=1,
        device="cpu",
        precision="fp32",
        offline=True,
        repair="off",
        cadence="ones",
        hold="step",
    )
