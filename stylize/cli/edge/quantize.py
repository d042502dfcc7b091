"""`stylize edge quantize`: an export of a checkpoint, built and compared with float."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize.cli.edge.building import build_export
from stylize.cli.edge.request import SETTINGS, Model, QuantizeOptions, TargetOptions, make_request
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_bytes

if TYPE_CHECKING:
    from stylize.edge.quantize.build import BuiltExport


def quantize(
    terminal: Terminal,
    *,
    model: Model,
    target: TargetOptions,
    quantizing: QuantizeOptions,
    flags: Annotated[dict[str, Any], SETTINGS],
    out: Annotated[
        Path | None,
        typer.Option(
            *("-o", "--output"),
            metavar="FOLDER",
            help="by default this user's cache, where `run` finds it",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Quantize a checkpoint with a style's ControlNets and LoRAs, and compare it with float.

    Run again after a stop, it goes on with the parts that are missing.
    """
    request = make_request(model, target, flags, quantizing, out)
    _show(build_export(request, terminal), terminal)


def _show(built: BuiltExport, terminal: Terminal) -> None:
    from rich.table import Table

    from stylize.edge.gate import fault_of
    from stylize.edge.manifest import size_of

    manifest = built.manifest
    fault = fault_of(manifest)
    if terminal.as_json:
        fidelity = {name: vars(each) for name, each in built.fidelity.items()}
        terminal.emit(
            {"event": "quantized", "folder": str(built.folder), "fidelity": fidelity, "fault": fault,
             **manifest.model_dump(mode="json")}
        )  # fmt: skip
        return
    if terminal.quiet:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("part", "size", "of fp32", "file/simulator", "simulator/float", "file/float"):
        table.add_column(name, justify="left" if name == "part" else "right")
    for name, part in manifest.parts.items():
        size = (built.folder / part.model).stat().st_size
        share = f"{size / part.float_bytes:.2f}" if part.float_bytes else ""
        near = built.fidelity.get(name)
        words = [f"{each:.1f} dB" for each in vars(near).values()] if near else ["", "", ""]
        table.add_row(name, spell_bytes(size), share, *words)
    terminal.table(table)
    total = sum(size_of(built.folder, part) for part in manifest.parts.values())
    terminal.result(f"together {spell_bytes(total)}")
    if manifest.metrics is not None:
        facts = manifest.metrics
        control = "" if facts.control is None else f", of the ControlNets {facts.control:.3f}"
        terminal.result(
            f"frames beside float: {facts.psnr:.1f} dB (worst {facts.psnr_worst:.1f}), SSIM {facts.ssim:.4f}, "
            f"flicker {facts.flicker:.3f}; effect of the prompt {facts.conditioning:.3f}{control}"
        )
    terminal.result(f"{built.folder}: {'passes its gate' if fault is None else fault}")
