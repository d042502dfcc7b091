"""Runs the studio's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from stylize.errors import UsageError
from stylize.report.guard import LOCAL


def serve(root: Path, host: str, port: int, token: str | None, on_ready: Callable[[str], None]) -> None:
    """Serves the projects in a folder until it is stopped by a signal.

    Args:
        host: the address to listen on; any but this machine's own needs a token.
        port: 0 chooses a free one.
        on_ready: called with the address to open, once it answers.

    Raises:
        UsageError: no token where one is needed, or the port is taken.
    """
    from stylize.report.listening import serve_app
    from stylize.report.studio.app import create_app

    if host not in LOCAL and not token:
        raise UsageError(
            "Others could reach the studio at this address.", where=host, hint="give --token WORD too"
        )

    def ready(address: str) -> None:
        on_ready(address + (f"?token={quote(token, safe='')}" if token else ""))

    serve_app(create_app(root, token), host, port, ready)
