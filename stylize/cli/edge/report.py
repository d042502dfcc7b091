"""`stylize edge report`: an export compared with float, on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from stylize.cli.edge.building import build_export, is_built, stages
from stylize.cli.edge.request import (
    SETTINGS,
    Model,
    QuantizeOptions,
    TargetOptions,
    check_empty,
    make_request,
)
from stylize.cli.terminal import Terminal


def report(
    terminal: Terminal,
    *,
    model: Model,
    calibrate: Annotated[
        Path, typer.Option("--calibrate", metavar="CLIP", help="footage to compare on", show_default=False)
    ],
    target: TargetOptions,
    flags: Annotated[dict[str, Any], SETTINGS],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            metavar="FOLDER",
            help="by default MODEL.TARGET.report here",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("-y", "--overwrite", help="replace the report if it exists")
    ] = False,
) -> None:
    """Compare an export with float, part by part and layer by layer, on a page with pictures."""
    from stylize.edge.report.report import make_report

    request = make_request(model, target, flags, QuantizeOptions(calibrate=calibrate))
    folder = out or Path(f"{Path(model).name}.{target.target}.report")
    if not overwrite:
        check_empty(folder)
    if not is_built(request):
        build_export(request, terminal)
    with stages(terminal) as show:
        page, facts = make_report(request, folder, show)
    terminal.answer({"event": "report", "page": str(page), **facts}, str(page))
