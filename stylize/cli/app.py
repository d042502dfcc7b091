"""The program's commands."""

from __future__ import annotations

from typing import Annotated

import typer

import stylize
from stylize.cli.lazy_commands import LazyCommand, LazyCommands

COMMANDS = (
    LazyCommand("run", "stylize.cli.run:run", "Draw a clip in a style."),
    LazyCommand(
        "steady",
        "stylize.cli.steady:steady",
        "Take the flicker out of finished frames of any tool, along the motion of what they were made from.",
    ),
    LazyCommand(
        "camera", "stylize.cli.camera:camera", "Solve the camera of a plate, or convert a camera file."
    ),
    LazyCommand(
        "comp",
        "stylize.cli.comp:comp",
        "Key a plate and merge it with a backdrop, as a scene file says: see examples/greenscreen.toml.",
    ),
    LazyCommand(
        "shots",
        "stylize.cli.shots:shots",
        "Find the shots of a clip; with -o, write them as a list to edit and to give to run --shots.",
    ),
    LazyCommand(
        "keyframes",
        "stylize.cli.keyframes:app",
        "Painted frames that a shot follows: which are worth painting.",
    ),
    LazyCommand("key", "stylize.cli.key:key", "Cut the subject out of a plate."),
    LazyCommand("styles", "stylize.cli.styles:app", "Style packs: list, show, install and remove them."),
    LazyCommand(
        "models",
        "stylize.cli.models:app",
        "Checkpoints: list them, show what one is, and verify its files.",
    ),
    LazyCommand(
        "train",
        "stylize.cli.train:app",
        "Train a style on drawings, a live model on a style, or the bundled checkpoint anew.",
    ),
    LazyCommand("live", "stylize.cli.live:live", "Draw what a camera sees, while it is seen."),
    LazyCommand(
        "compare",
        "stylize.cli.compare:compare",
        "Compare films of the same moments, whoever made them: beside each other, and how much each flickers.",
    ),
    LazyCommand(
        "studio",
        "stylize.cli.studio:studio",
        "Open the studio in the browser: put clips in, try looks, render, see the report.",
    ),
    LazyCommand(
        "worker",
        "stylize.cli.worker:worker",
        "Make frames of one pass of a planned run, and keep each as it is made.",
    ),
    LazyCommand(
        "farm",
        "stylize.cli.farm:app",
        "Spread jobs over many machines: a Ray cluster, or a studio's own farm.",
    ),
    LazyCommand(
        "edge",
        "stylize.cli.edge:app",
        "Quantize and export networks for devices without torch, and see what it costs.",
    ),
    LazyCommand(
        "doctor",
        "stylize.cli.doctor:doctor",
        "Check this machine: exit code 0 if a clip can be drawn here, else 1.",
    ),
)


class Program(LazyCommands):
    commands_to_load = COMMANDS


app = typer.Typer(
    name="stylize",
    cls=Program,
    help="Live-action footage in, anime film out: shot by shot, on this machine.",
    epilog="Begin with: stylize run clip.mp4",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stylize {stylize.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
