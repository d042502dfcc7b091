"""What the commands of `stylize edge` ask for: the same options, checked in the same way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stylize.cli.run_options import settings_options
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.diffusion.checkpoint_info import CheckpointInfo
    from stylize.edge.quantize.request import BuildRequest, TouchUp

SETTINGS = settings_options("style", "prompt", "controls", "loras", "steps", "size", "offline", build=dict)

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="checkpoint: a bundled name, hub id, folder or .safetensors")
]


@dataclass(frozen=True)
class TargetOptions:
    """What the networks are made for."""

    target: Annotated[
        str,
        typer.Option(
            *("--target",),
            metavar="TARGET",
            help="float, w8, cpu-int8 (processors) or htp-w8a16 (Qualcomm's NPU)",
        ),
    ] = "cpu-int8"
    shape: Annotated[
        str | None,
        typer.Option(
            "--shape", metavar="WxH", help="draw this size only, px; the NPU needs it", show_default=False
        ),
    ] = None


@dataclass(frozen=True)
class QuantizeOptions:
    """How the networks are quantized."""

    calibrate: Annotated[
        Path | None,
        typer.Option(
            "--calibrate", metavar="CLIP", help="footage to measure ranges and quality on", show_default=False
        ),
    ] = None
    adaround: Annotated[
        int,
        typer.Option(
            *("--adaround",),
            metavar="N",
            min=0,
            help="learn how weights are rounded, N iterations a layer (1000 is little); 0 rounds to the nearest",
        ),
    ] = 0
    touch_up: Annotated[
        int,
        typer.Option(
            *("--touch-up",),
            metavar="N",
            min=0,
            help="then train each quantized part to answer as in float, N steps (some hundreds)",
        ),
    ] = 0


def make_request(
    model: str,
    target: TargetOptions,
    flags: dict[str, Any],
    quantizing: QuantizeOptions,
    out: Path | None = None,
) -> BuildRequest:
    """What is to be built.

    Args:
        flags: settings of a run that are given.
        out: the export's folder; by default in this user's cache.

    Raises:
        UsageError: options that cannot be used.
    """
    from stylize.edge.library import export_folder
    from stylize.edge.quantize.aimet import needs_aimet
    from stylize.edge.quantize.plates import read_plates
    from stylize.edge.quantize.request import BuildRequest
    from stylize.edge.targets import TARGETS
    from stylize.generators.resolve import resolve

    if target.target not in TARGETS:
        raise UsageError(f"There is no target called {target.target!r}.", hint=f"known: {', '.join(TARGETS)}")
    wants = TARGETS[target.target]
    shape = _read_shape(target.shape)
    if wants.activation_bits is not None and quantizing.calibrate is None:
        raise UsageError(
            "The ranges of activations are measured on footage.", hint="name some: --calibrate CLIP"
        )
    exact = {"runtime": "torch", "device": "cpu", "precision": "fp32"}
    resolved = resolve(read_settings(**flags, **exact, model=model))
    checkpoint = resolved.checkpoint
    if shape is None and wants.integer_only:
        shape = (checkpoint.short_side, checkpoint.short_side)
    _check_shape(shape, checkpoint)
    plates = None
    if quantizing.calibrate is not None:
        plates = read_plates(quantizing.calibrate, resolved.config.size, shape)
    if wants.weight_bits is not None:
        needs_aimet()
    return BuildRequest(
        config=resolved.config,
        checkpoint=checkpoint,
        key=resolved.export_key,
        target=wants.name,
        out=out or export_folder(resolved.export_key, wants.name, shape),
        plates=plates,
        shape=shape,
        adaround=quantizing.adaround,
        touch_up=_touch_up(quantizing.touch_up),
    )


def check_empty(folder: Path) -> None:
    """Raises UsageError: something is in the folder already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("This folder exists and is not empty.", where=folder, hint="choose another with -o")


def _touch_up(steps: int) -> TouchUp | None:
    if not steps:
        return None
    from stylize.edge.quantize.request import TouchUp
    from training.edge.touch_up import touch_up

    return TouchUp(steps, touch_up)


def _read_shape(words: str | None) -> tuple[int, int] | None:
    if words is None:
        return None
    found = re.fullmatch(r"(\d+)[x×](\d+)", words)
    if found is None or not all(int(side) for side in found.groups()):
        raise UsageError(f"A shape is written as 512x512, not {words!r}.", where="--shape")
    return int(found[1]), int(found[2])


def _check_shape(shape: tuple[int, int] | None, checkpoint: CheckpointInfo) -> None:
    if shape is None or not any(side % checkpoint.grid for side in shape):
        return
    nearest = "x".join(str(max(1, round(side / checkpoint.grid)) * checkpoint.grid) for side in shape)
    raise UsageError(
        f"The sides of {shape[0]}x{shape[1]} do not divide by {checkpoint.grid}, the network's grid.",
        where="--shape",
        hint=f"the nearest is {nearest}",
    )
