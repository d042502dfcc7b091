"""`stylize train base`: the bundled checkpoint, trained by a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.terminal import Terminal
from stylize.cli.train.parts import progress_bar, training_packages
from stylize.errors import UsageError
from stylize.footage.outfile import make_folder

if TYPE_CHECKING:
    from training.base.train import BaseTrainingStep


def base(
    terminal: Terminal,
    config: Annotated[Path, typer.Option(metavar="RECIPE", help="the recipe, a TOML file")],
    rendered: Annotated[Path, typer.Option(metavar="FOLDER", help="made by: stylize train pairs rendered")],
    real: Annotated[Path, typer.Option(metavar="FOLDER", help="made by: stylize train pairs real")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FOLDER", help="for state, log and sample sheets")
    ],
    export: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="write the finished checkpoint here")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="begin from this finished training's weights")
    ] = None,
) -> None:
    """Train the base checkpoint by a recipe; run again, it goes on where it was stopped."""
    with training_packages():
        from training.base.export import export as write_checkpoint
        from training.base.export import export_controlnet
        from training.base.networks import Architecture
        from training.base.recipe import BaseRecipe
        from training.base.train import train
    recipe, shape = BaseRecipe.read(config), Architecture()
    if recipe.condition != "tile" and start is None:
        raise UsageError(
            f"A ControlNet for {recipe.condition!r} learns beside a finished UNet.",
            hint="name the folder of its training: --start FOLDER",
        )
    make_folder(out)
    with progress_bar(terminal, "training", recipe.steps) as show, (out / "log.csv").open("a") as log:

        def tell(step: BaseTrainingStep) -> None:
            log.write(f"{step.number},{step.loss:.5f},{step.psnr:.3f},{step.seconds:.3f}\n")
            log.flush()
            show(step.number)

        model = train(recipe, shape, rendered, real, out, tell, start)
    if export is None:
        terminal.answer(
            {"event": "trained", "folder": str(out), "steps": recipe.steps}, f"{out}: {recipe.steps} steps"
        )
        return
    if recipe.condition == "tile":
        size, of = write_checkpoint(model, shape, export), ""
    else:
        size, of = export_controlnet(model, recipe.condition, export), f" for {recipe.condition}"
    terminal.answer(
        {"event": "exported", "folder": str(export), "bytes": size},
        f"{export}: {size / 1e6:.1f} MB of weights{of}",
    )
