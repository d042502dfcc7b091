"""`stylize studio`: the page on which a shot is made in the browser."""

from __future__ import annotations

import secrets
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.terminal import Terminal
from stylize.errors import MissingPart
from stylize.footage.outfile import make_folder
from stylize.system.dependencies import install_hint


def studio(
    terminal: Terminal,
    *,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="where projects lie, each a folder of clips; by default films/ here"
        ),
    ] = Path("films"),
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="where it listens; others than this machine need the token"
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 chooses a free one")] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", metavar="WORD", help="who opens the page must have it; with another --host made up"
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="open the page in the browser")] = True,
) -> None:
    """Open the studio in the browser: put clips in, try looks, render, see the report.

    It answers to this machine alone unless --host says otherwise. Stop it with Ctrl-C; started again, it goes on.
    """
    try:
        from stylize.report.guard import LOCAL
        from stylize.report.studio.serve import serve
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"The studio needs a package that is not here: {error.name}.", hint=install_hint("ui")
        ) from error
    if host not in LOCAL and token is None:
        token = secrets.token_urlsafe(18)

    def ready(address: str) -> None:
        terminal.answer(
            {"event": "studio", "address": address, "folder": str(folder)}, f"the studio: {address}"
        )
        if show:
            webbrowser.open(address)

    make_folder(folder)
    serve(folder, host, port, token, ready)
