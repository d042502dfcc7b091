"""`stylize edge publish`: live models as static files for a web server, and the catalogue that names them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.terminal import Terminal


def publish(
    terminal: Terminal,
    out: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="the folder that the server gives out; what is there is kept"),
    ],
    models: Annotated[
        list[Path] | None,
        typer.Argument(metavar="MODEL...", exists=True, file_okay=False, help="folders of live models"),
    ] = None,
) -> None:
    """Put live models where a web server gives them out, with the catalogue that devices choose from.

    Without a model, those that come with the program. Devices draw with: stylize live CAMERA --server URL
    """
    from stylize.edge.live.find import bundled, bundled_live_models
    from stylize.generators.live.catalogue import publish as write_catalogue

    chosen = models or [bundled_live_models() / manifest.name for manifest in bundled()]
    catalogue = write_catalogue(chosen, out)
    offers = {
        f"{style} {tier}": offer.version
        for style, tiers in catalogue.styles.items()
        for tier, offer in tiers.items()
    }
    words = ", ".join(f"{name} (version {version})" for name, version in offers.items())
    terminal.answer({"event": "published", "folder": str(out), "offers": offers}, f"{out}: {words}")
