"""`stylize edge`: networks for devices, made, exported and judged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize.cli import options
from stylize.cli.flags import settings_from
from stylize.cli.tally import spell_bytes
from stylize.cli.terminal import Terminal
from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.edge.quantize.build import BuiltExport
    from stylize.edge.quantize.request import BuildRequest, TouchUp

app = typer.Typer(
    help="Quantize and export networks for devices without torch, and see what it costs.",
    no_args_is_help=True,
)

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="checkpoint: a bundled name, hub id, folder or .safetensors")
]
TargetOption = Annotated[
    str, typer.Option("--target", help="float, w8, cpu-int8 (processors) or htp-w8a16 (Qualcomm's NPU)")
]
Calibrate = Annotated[
    Path | None,
    typer.Option(metavar="CLIP", help="footage to measure ranges and quality on", show_default=False),
]
AdaRound = Annotated[
    int,
    typer.Option(
        "--adaround",
        metavar="N",
        min=0,
        help="learn how weights are rounded, N iterations a layer (1000 is little); 0 rounds to the nearest",
    ),
]
TouchUpSteps = Annotated[
    int,
    typer.Option(
        "--touch-up",
        metavar="N",
        min=0,
        help="then teach each quantized part to answer as in float, N steps (some hundreds)",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER",
        help="by default this user's cache, where `run` finds it",
        show_default=False,
    ),
]
Shape = Annotated[
    str | None,
    typer.Option(metavar="WxH", help="draw this size only, px; the NPU wants it fixed", show_default=False),
]


@app.command("quantize")
def quantize(
    context: typer.Context,
    model: Model,
    target: TargetOption = "cpu-int8",
    calibrate: Calibrate = None,
    style: options.Style = None,
    prompt: options.Prompt = None,
    control: options.Controls = None,
    lora: options.Loras = None,
    steps: options.Steps = None,
    size: options.Size = None,
    shape: Shape = None,
    adaround: AdaRound = 0,
    touch_up: TouchUpSteps = 0,
    out: Out = None,
    offline: options.Offline = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Quantize a checkpoint with a style's ControlNets and LoRAs, and hold it against float.

    Run again after a stop, it goes on with the parts that are missing.
    """
    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet)
    order = _order(context.params, terminal)
    built = _build(order, terminal)
    _show(built, terminal)


@app.command("export")
def export(
    context: typer.Context,
    model: Model,
    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="a folder to take to the device")
    ],
    target: TargetOption = "cpu-int8",
    calibrate: Calibrate = None,
    style: options.Style = None,
    prompt: options.Prompt = None,
    control: options.Controls = None,
    lora: options.Loras = None,
    steps: options.Steps = None,
    size: options.Size = None,
    shape: Shape = None,
    adaround: AdaRound = 0,
    touch_up: TouchUpSteps = 0,
    ir: Annotated[bool, typer.Option("--ir", help="OpenVINO's own files beside the ONNX ones")] = False,
    offline: options.Offline = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Write the finished networks into a folder: as quantized before, else built now; then read them back."""
    from stylize.edge.export import export_to

    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet)
    parameters = {**context.params, "out": None}
    order = _order(parameters, terminal)
    if not (order.out / "edge.json").is_file():
        _build(order, terminal)
    _check_empty(out)
    with _status(terminal) as tell:
        manifest = export_to(order.out, out, ir=ir, report_progress=tell)
    size_bytes = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    if terminal.as_json:
        terminal.emit(
            {"event": "export", "folder": str(out), "bytes": size_bytes, **manifest.model_dump(mode="json")}
        )
    elif not terminal.quiet:
        terminal.result(
            f"{out}: {manifest.target}, {spell_bytes(size_bytes)}; every part was read back and run"
        )


@app.command("report")
def report(
    context: typer.Context,
    model: Model,
    calibrate: Annotated[Path, typer.Option(metavar="CLIP", help="footage to compare on")],
    target: TargetOption = "cpu-int8",
    style: options.Style = None,
    prompt: options.Prompt = None,
    control: options.Controls = None,
    lora: options.Loras = None,
    steps: options.Steps = None,
    size: options.Size = None,
    shape: Shape = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FOLDER", help="by default MODEL.TARGET.report here"),
    ] = None,
    overwrite: options.Overwrite = False,
    offline: options.Offline = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Compare an export with float, part by part and layer by layer, on a page with pictures."""
    from stylize.edge.report.report import make_report

    terminal = context.ensure_object(Terminal)
    terminal.configure(quiet=quiet)
    order = _order({**context.params, "out": None}, terminal)
    folder = out or Path(f"{Path(model).name}.{target}.report")
    if not overwrite:
        _check_empty(folder)
    if not (order.out / "edge.json").is_file():
        _build(order, terminal)
    with _status(terminal) as tell:
        page, facts = make_report(order, folder, tell)
    if terminal.as_json:
        terminal.emit({"event": "report", "page": str(page), **facts})
    elif not terminal.quiet:
        terminal.result(str(page))


def _order(parameters: dict[str, Any], terminal: Terminal) -> BuildRequest:
    """What the words of a command come to.

    Raises:
        UsageError: what cannot be meant.
    """
    from stylize.edge.targets import TARGETS
    from stylize.generators.resolve import resolve

    target, clip = parameters["target"], parameters["calibrate"]
    if target not in TARGETS:
        raise UsageError(f"There is no target called {target!r}.", hint=f"known: {', '.join(TARGETS)}")
    shape = _shape(parameters["shape"])
    if TARGETS[target].activation_bits is not None and clip is None:
        raise UsageError(
            "The ranges of activations are measured on footage.", hint="name some: --calibrate CLIP"
        )
    settings = settings_from({**parameters, "runtime": "torch", "device": "cpu", "precision": "fp32"})
    resolved = resolve(settings)
    config, facts, key = resolved.config, resolved.checkpoint, resolved.export_key
    from stylize.edge.library import export_folder
    from stylize.edge.quantize.aimet import needs_aimet
    from stylize.edge.quantize.plates import read_plates
    from stylize.edge.quantize.request import BuildRequest

    if shape is None and TARGETS[target].integer_only:
        shape = (facts.short_side, facts.short_side)
    if shape is not None and any(side % facts.grid for side in shape):
        raise UsageError(
            f"The sides of {shape[0]}x{shape[1]} do not divide by {facts.grid}, the network's grid.",
            where="--shape",
            hint=f"the nearest is {'x'.join(str(max(1, round(side / facts.grid)) * facts.grid) for side in shape)}",
        )
    plates = None if clip is None else read_plates(clip, config.size, shape)
    if TARGETS[target].weight_bits is not None:
        needs_aimet()
    return BuildRequest(
        config=config,
        checkpoint=facts,
        key=key,
        target=target,
        out=parameters["out"] or export_folder(key, target, shape),
        plates=plates,
        shape=shape,
        adaround=parameters.get("adaround", 0),
        touch_up=_touch_up(parameters.get("touch_up", 0)),
    )


def _touch_up(steps: int) -> TouchUp | None:
    if not steps:
        return None
    from stylize.edge.quantize.request import TouchUp
    from training.edge.touch_up import touch_up

    return TouchUp(steps, touch_up)


def _shape(words: str | None) -> tuple[int, int] | None:
    if words is None:
        return None
    found = re.fullmatch(r"(\d+)[x×](\d+)", words)
    if found is None or not all(int(side) for side in found.groups()):
        raise UsageError(f"A shape is written as 512x512, not {words!r}.", where="--shape")
    return int(found[1]), int(found[2])


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("This folder exists and is not empty.", where=folder, hint="choose another with -o")


def _build(order: BuildRequest, terminal: Terminal) -> BuiltExport:
    from stylize.edge.quantize.build import build, memory_of

    if not terminal.quiet and not terminal.as_json:
        terminal.say(f"{order.target}: takes about {spell_bytes(memory_of(order.checkpoint))} of memory")
    with _status(terminal) as tell:
        return build(order, tell)


def _status(terminal: Terminal) -> Any:
    """What is being done, in a line that is overwritten; as JSON, an object for each."""
    from contextlib import contextmanager

    @contextmanager
    def status() -> Any:
        if terminal.as_json:
            yield lambda stage, words: terminal.emit({"event": "stage", "name": stage, "words": words})
        elif terminal.quiet:
            yield lambda stage, words: None
        else:
            with terminal.err.status("...") as line:
                yield lambda stage, words: line.update(f"{stage}: {words}")

    return status()


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
