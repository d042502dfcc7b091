"""Runs the studio's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stylize.errors import UsageError
from stylize.report.studio.guard import LOCAL


def serve(root: Path, host: str, port: int, token: str | None, on_ready: Callable[[str], None]) -> None:
    """Serves the projects in a folder until it is stopped by a signal.

    Args:
        host: the address to listen on; any but this machine's own needs a token.
        port: 0 chooses a free one.
        on_ready: called with the address to open, once it answers.

    Raises:
        UsageError: no token where one is needed, or the port is taken.
    """
    import socket

    import uvicorn

    from stylize.report.studio.app import create_app

    if host not in LOCAL and not token:
        raise UsageError(
            "Others could reach the studio at this address.", where=host, hint="give --token WORD too"
        )
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"The studio cannot listen there: {error.strerror}.",
                where=f"{host}:{port}",
                hint="choose another --port",
            ) from error
        named = f"[{host}]" if ":" in host else host
        address = f"http://{named}:{listening.getsockname()[1]}/"
        app = create_app(root, token)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        listening.listen(128)
        on_ready(address + (f"?token={token}" if token else ""))
        server.run(sockets=[listening])
