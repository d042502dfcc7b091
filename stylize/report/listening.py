"""Runs the server of a page until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from stylize.errors import UsageError

EVERYWHERE = ("", "0.0.0.0", "::")
"""What stands for all addresses of a machine, and is none that a browser could open."""
ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses that belong to nobody: the way to them begins at the address by which others reach this machine."""


def serve_app(app: ASGIApp, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves an application until a signal stops it.

    Args:
        port: 0 chooses a free one.
        on_ready: called with the address to open, once it answers.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
    """
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"The page's server cannot listen there: {error.strerror}.",
                where=f"{host}:{port}",
                hint="choose another --port",
            ) from error
        own = _own_address(kind) if host in EVERYWHERE else host
        named = f"[{own}]" if ":" in own else own
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="auto", timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        listening.listen(128)
        on_ready(f"http://{named}:{listening.getsockname()[1]}/")
        server.run(sockets=[listening])


def _own_address(kind: socket.AddressFamily) -> str:
    """By what others reach this machine: its address, or its name where it has no way to others."""
    with socket.socket(kind, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((ELSEWHERE[kind], 9))  # chooses the way, and sends nothing
        except OSError:
            return socket.gethostname()
        return str(asking.getsockname()[0])
