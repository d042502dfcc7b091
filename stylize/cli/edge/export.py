"""`stylize edge export`: an export in a folder of its own, to take to a device."""

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
from stylize.cli.units import spell_bytes


def export(
    terminal: Terminal,
    *,
    model: Model,
    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="a folder to take to the device")
    ],
    target: TargetOptions,
    quantizing: QuantizeOptions,
    flags: Annotated[dict[str, Any], SETTINGS],
    ir: Annotated[bool, typer.Option("--ir", help="also OpenVINO's own files beside the ONNX ones")] = False,
) -> None:
    """Write the finished networks into a folder: as quantized before, else built now; then read them back."""
    from stylize.edge.export import export_to

    request = make_request(model, target, flags, quantizing)
    if not is_built(request):
        build_export(request, terminal)
    check_empty(out)
    with stages(terminal) as show:
        manifest = export_to(request.out, out, ir=ir, report_progress=show)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    terminal.answer(
        {"event": "export", "folder": str(out), "bytes": size, **manifest.model_dump(mode="json")},
        f"{out}: {manifest.target}, {spell_bytes(size)}; every part was read back and run",
    )
