"""`stylize train`: weights from footage and stills, and from the project's own renderer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli import options
from stylize.cli.terminal import Terminal
from stylize.cli.train_style import controlnet, drawings, progress_bar, style
from stylize.errors import UsageError

if TYPE_CHECKING:
    from training.base.train import Step

app = typer.Typer(
    help="Teach it a style from drawings, or train the bundled checkpoint anew.", no_args_is_help=True
)
pairs = typer.Typer(help="Prepare the pairs of photograph and drawing to learn from.", no_args_is_help=True)
app.command("style")(style)
app.command("controlnet")(controlnet)
app.command("drawings")(drawings)
app.add_typer(pairs, name="pairs")

Processes = Annotated[int, typer.Option(min=1, help="pairs made at once")]
Out = Annotated[Path, typer.Argument(metavar="FOLDER", help="where the pairs go; what is there is kept")]


@pairs.command("rendered")
def rendered(
    context: typer.Context,
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="pairs in all")] = 6000,
    size: Annotated[int, typer.Option(min=64, max=512, help="side of the pictures, px, even")] = 192,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    processes: Processes = 1,
    debug: options.Debug = False,
) -> None:
    """Render scenes twice: as a photograph and as a drawing."""
    from training.base.rendered import prepare

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    if size % 2:
        raise UsageError(f"The size must be even, not {size}.")
    with progress_bar(terminal, "rendering", count) as tell:
        prepare(out, count, size, seed, processes, tell)
    terminal.result(f"{out}: {count} pairs")


@pairs.command("real")
def real(
    context: typer.Context,
    out: Out,
    clips: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="a folder of clips to take frames from")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="a folder of photographs")
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="a clip to keep for testing, by its name without .mp4"),
    ] = None,
    processes: Processes = 1,
    debug: options.Debug = False,
) -> None:
    """Draw real frames by the slow classical renderer: scikit-image's photographs, your own, and your clips."""
    from itertools import chain

    from training.base.real import film_frames, photographs, pictures_in, prepare

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    sources = [photographs()]
    if pictures is not None:
        sources.append(pictures_in(pictures))
    if clips is not None:
        sources.append(film_frames(clips, frozenset(leave_out or ())))
    with progress_bar(terminal, "drawing", None) as tell:
        count = prepare(chain(*sources), out, processes=processes, tell=tell)
    terminal.result(f"{out}: {count} pairs")


@app.command("base")
def base(
    context: typer.Context,
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
    debug: options.Debug = False,
) -> None:
    """Train the base checkpoint by a recipe; run again, it goes on where it was stopped."""
    from stylize.errors import MissingPart
    from stylize.system.dependencies import install_hint

    terminal = context.ensure_object(Terminal)
    terminal.configure()
    try:
        from training.base.export import export as write_checkpoint
        from training.base.export import export_controlnet
        from training.base.model import Architecture
        from training.base.recipe import Recipe
        from training.base.train import train
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"Training needs a package that is not here: {error.name}.", hint=install_hint("train")
        ) from error
    recipe, shape = Recipe.read(config), Architecture()
    if recipe.condition != "tile" and start is None:
        raise UsageError(
            f"A ControlNet for {recipe.condition!r} learns beside a finished UNet.",
            hint="name the folder of its training: --start FOLDER",
        )
    out.mkdir(parents=True, exist_ok=True)
    with progress_bar(terminal, "training", recipe.steps) as show, (out / "log.csv").open("a") as log:

        def tell(step: Step) -> None:
            log.write(f"{step.number},{step.loss:.5f},{step.psnr:.3f},{step.seconds:.3f}\n")
            log.flush()
            show(step.number)

        artist = train(recipe, shape, rendered, real, out, tell, start)
    if export is None:
        terminal.result(f"{out}: {recipe.steps} steps")
    elif recipe.condition == "tile":
        terminal.result(f"{export}: {write_checkpoint(artist, shape, export) / 1e6:.1f} MB of weights")
    else:
        size = export_controlnet(artist, recipe.condition, export)
        terminal.result(f"{export}: {size / 1e6:.1f} MB of weights for {recipe.condition}")
