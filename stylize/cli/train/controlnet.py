"""`stylize train controlnet`: a ControlNet for a condition that a checkpoint has none for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from stylize.cli.model_options import ModelOptions, Spelling
from stylize.cli.terminal import Terminal
from stylize.cli.train.learning import learn
from training.lora.recipe import StyleRecipe

RECIPE = ModelOptions(
    StyleRecipe,
    {
        "What is learnt": ("base", "model"),
        "Training": ("steps", "batch", "rate", "resolution", "seed"),
        "Machine": ("device",),
    },
    dict,
    {
        "base": Spelling(metavar="STYLE"),
        "model": Spelling(metavar="MODEL"),
        "steps": Spelling(default=1000),
        "rate": Spelling(default=5e-4),
        "device": Spelling(metavar="DEVICE"),
    },
)


def controlnet(
    terminal: Terminal,
    *,
    pictures: Annotated[Path, typer.Argument(metavar="DRAWINGS", help="a folder of drawings")],
    condition: Annotated[
        str,
        typer.Option(
            "--condition", metavar="NAME", help="what it is given: canny, softedge, depth, pose, ..."
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="by default the condition")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", "--output", metavar="FOLDER", help="by default NAME.training"),
    ] = None,
    flags: Annotated[dict[str, Any], RECIPE],
) -> None:
    """Train a ControlNet for a condition that a checkpoint has none for.

    It is given what is computed from each drawing's source; sources are given or made as for a style.
    """
    called = name or condition.replace("_", "-")
    recipe = StyleRecipe.of(name=called, drawings=pictures, kind="controlnet", condition=condition, **flags)
    trained = learn(recipe, out or Path(f"{called}.training"), terminal)
    terminal.answer(
        {"event": "trained", "controlnet": str(trained.folder), "bytes": trained.weights_bytes},
        f"{trained.folder}: {trained.weights_bytes / 1e6:.1f} MB\n"
        f"draw with it: stylize run CLIP --control {condition}@{trained.folder}",
    )
