"""`stylize live --web`: the live view in the browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stylize.cli.terminal import Terminal
from stylize.config.read_settings import read_settings
from stylize.errors import MissingPart, UsageError
from stylize.system.dependencies import install_hint

FOLLOWED = frozenset(("style", "model", "offline"))
"""Settings that the page's models are found by; everything else is chosen in the page."""


def serve_live_page(
    terminal: Terminal, flags: dict[str, Any], port: int, show: bool, others: Sequence[str]
) -> None:
    """Serves the page to this machine until it is stopped.

    Args:
        others: options that were given and mean nothing here.

    Raises:
        UsageError: such an option, or no live model to draw with.
        MissingPart: a package, or the runtime for browsers, is not here.
    """
    unused = [
        *others,
        *(f"--{name}" for name, value in flags.items() if value is not None and name not in FOLLOWED),
    ]
    if unused:
        raise UsageError(f"With --web, {unused[0]} is chosen in the page.", hint=f"leave {unused[0]} out")
    try:
        from stylize.report.listening import serve_app
        from stylize.report.live_page.app import create_live_app
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"The page needs a package that is not here: {error.name}.", hint=install_hint("ui")
        ) from error
    settings = read_settings(**flags)
    app = create_live_app(page_models(settings.model, settings.style if flags.get("style") else None))

    def ready(address: str) -> None:
        terminal.answer({"event": "live-page", "address": address}, f"the live page: {address}")
        if show:
            webbrowser.open(address)

    serve_app(app, "127.0.0.1", port, ready)


def page_models(model: str | None, style: str | None) -> list[Path]:
    """The live models that the page offers, the one that is asked for first.

    Args:
        model: as `--model` gives it; None for all that come with the program.
        style: the style asked for; None for any.

    Raises:
        UsageError: there is no such model.
    """
    from stylize.edge.live.find import DEFAULT_NETWORK, bundled, bundled_live_models
    from stylize.generators.live.models import live_model_folder

    if model is not None:
        return [live_model_folder(model, style or "anime")]
    here = [each for each in bundled() if style in (None, each.style)]
    if not here:
        return [live_model_folder("live", style or "anime")]
    here.sort(key=lambda each: each.network != DEFAULT_NETWORK)
    return [bundled_live_models() / each.name for each in here]
